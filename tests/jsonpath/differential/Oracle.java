import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.spi.json.JacksonJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Jayway JsonPath 2.0.0 as a filter: reads one {"id", "path", "document"} a line and writes the
 * case with what the library answers, in the form of the vectors.
 */
public final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    ExecutorService worker = Executors.newCachedThreadPool(
        task -> {
          Thread thread = new Thread(null, task, "case", 64L << 20);
          thread.setDaemon(true);
          return thread;
        });
    for (String line; (line = in.readLine()) != null; ) {
      ObjectNode test = (ObjectNode) JSON.readTree(line);
      String path = test.get("path").asText();
      String document = test.get("document").asText();
      try {
        test.setAll(worker.submit(() -> answer(path, document)).get(5, TimeUnit.SECONDS));
      } catch (TimeoutException tooSlow) {
        test.put("timeout", true);
      }
      out.println(JSON.writeValueAsString(test));
    }
    out.flush();
  }

  private static ObjectNode answer(String text, String document) throws Exception {
    ObjectNode answer = JSON.createObjectNode();
    JsonPath path;
    try {
      path = JsonPath.compile(text);
    } catch (Throwable refused) {
      answer.putNull("definite");
      return answer.set("error", error(refused, "parse"));
    }
    answer.put("definite", path.isDefinite());
    try {
      ObjectMapper mapper = new ObjectMapper();
      Configuration configuration = Configuration.builder()
          .jsonProvider(new JacksonJsonProvider(mapper))
          .mappingProvider(new JacksonMappingProvider(mapper))
          .build();
      Object value = path.read(configuration.jsonProvider().parse(document), configuration);
      answer.put("result", JSON.writeValueAsString(value));
    } catch (Throwable failed) {
      answer.set("error", error(failed, "eval"));
    }
    return answer;
  }

  private static JsonNode error(Throwable thrown, String when) {
    ObjectNode error = JSON.createObjectNode();
    error.put("class", thrown.getClass().getSimpleName());
    error.put("message", thrown.getMessage());
    return error.put("when", when);
  }
}
