// bench_map [--children N] [--kind pass|task|function] [--type standard|express]
// [--language jsonata|jsonpath] [--traced] [--data DIR]
// [--durability fsync|os] [--shards N] [--json] One Distributed Map over a JSON file of N numbers,
// each child one Pass state that computes its output, or one Task: answered in this process, or by
// processes of a Lambda function in JavaScript. With --traced each call is prepared as in Weft:
// trace context and what finds its spans. The whole of Weft runs but for HTTP of its own: reader,
// Map Run, engine, RocksDB with fsync.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock/system_clock.h"
#include "integrations/call_tracing.h"
#include "integrations/lambda/function_pool.h"
#include "integrations/lambda/invocation.h"
#include "integrations/lambda/lambda_tasks.h"
#include "integrations/s3/bucket_registry.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/loop.h"
#include "running/host.h"
#include "running/ports.h"
#include "store/store.h"
#include "telemetry/invocations.h"
#include "trace/context.h"

namespace weft::bench {
namespace {

const clock::SystemClock kClock;

struct Options {
  uint64_t children = 100'000;
  std::string kind = "pass";
  std::string type = "standard";  // of the children
  std::string language = "jsonata";
  std::string data;
  bool traced = false;
  bool fsync = true;
  uint32_t shards = 0;
  size_t store_memory_mib = 0;  // 0 = the store's default
  bool json = false;
};

// Counts what is written on its way to the store.
class CountingStore : public store::Store {
 public:
  explicit CountingStore(store::Store& inner) : inner_(inner) {}
  base::Result<void> commit(store::Batch batch) override {
    ++commits;
    keys += batch.keys();
    bytes += batch.bytes();
    return inner_.commit(std::move(batch));
  }
  base::Result<std::optional<std::string>> get(store::Family family,
                                               std::string_view key) const override {
    return inner_.get(family, key);
  }
  base::Result<void> scan(store::Family family, std::string_view from, std::string_view to,
                          bool reverse, const Visit& visit) const override {
    return inner_.scan(family, from, to, reverse, visit);
  }
  uint64_t commits = 0;
  uint64_t keys = 0;
  uint64_t bytes = 0;

 private:
  store::Store& inner_;
};

template <typename T>
T take(base::Result<T> result) {
  if (result) {
    if constexpr (!std::is_void_v<T>)
      return std::move(*result);
    else
      return;
  }
  fmt::print(stderr, "bench_map: {}\n", result.error().message);
  std::exit(2);
}

// Answers every task at once.
class InProcessTasks : public integrations::TaskRunner {
 public:
  explicit InProcessTasks(bool traced) : traced_(traced) {}
  void run(const integrations::TaskRequest& request, Done done) override {
    lambda::Invocation invocation;
    if (traced_) {
      const trace::Context context = tracing_.begin(request);
      invocation.trace_header = trace::xray_header(context);
      invocation.client_context = trace::lambda_client_context(context);
    }
    done(engine::TaskSucceeded{.scope = request.scope,
                               .task = request.task,
                               .output = base::Text(R"({"Payload":{"ok":true}})")});
  }
  void cancel(const std::string&) override {}

 private:
  const bool traced_;
  telemetry::Invocations invocations_;
  integrations::CallTracing tracing_{{}, &invocations_};
};

// Processes of a function that answers at once, each with the Runtime API to itself.
class FunctionTasks {
 public:
  FunctionTasks(const std::filesystem::path& directory, bool traced)
      : tasks_((start(directory), pool_.get()), traced ? &tracing_ : nullptr) {}
  ~FunctionTasks() {
    pool_.reset();
    loop_.stop();
  }
  integrations::TaskRunner& tasks() { return tasks_; }

 private:
  void start(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    const std::filesystem::path path = directory / "ok.mjs";
    std::ofstream(path) << "export const handler = async () => ({ ok: true });\n";
    loop_.start(2);
    pool_ = take(lambda::FunctionPool::create(loop_, {.endpoint_url = "http://127.0.0.1:1"},
                                              {{.name = "f", .path = path.string()}}));
  }

  net::Loop loop_;
  std::unique_ptr<lambda::FunctionPool> pool_;
  telemetry::Invocations invocations_;
  integrations::CallTracing tracing_{{}, &invocations_};
  lambda::LambdaTasks tasks_;
};

// The state of each child, and what the Map says of reader and output, in both languages.
struct Parts {
  std::string pass;
  std::string task;
  std::string arguments;
  std::string output;
};

const Parts& parts_of(const std::string& language) {
  static const Parts jsonata = {
      R"("Output":"{% $states.input * 2 %}")",
      R"("Arguments":{"FunctionName":"f","Payload":{"item":"{% $states.input %}"}},"Output":"{% $states.result.Payload.ok %}")",
      "Arguments", R"("Output":"{% $count($states.result) %}")"};
  static const Parts jsonpath = {
      R"x("Parameters":{"n.$":"States.MathAdd($, $)"},"OutputPath":"$.n")x",
      R"("Parameters":{"FunctionName":"f","Payload":{"item.$":"$"}},"OutputPath":"$.Payload.ok")",
      "Parameters", R"x("ResultSelector":{"n.$":"States.ArrayLength($)"},"OutputPath":"$.n")x"};
  return language == "jsonata" ? jsonata : jsonpath;
}

std::string definition(const Options& options) {
  const Parts& parts = parts_of(options.language);
  const std::string state =
      options.kind != "pass"
          ? R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",)" + parts.task
          : R"({"Type":"Pass",)" + parts.pass;
  return fmt::format(
      R"({{"QueryLanguage":"{}","StartAt":"Map","States":{{"Map":{{"Type":"Map","Label":"Bench","ItemReader":{{)"
      R"("Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{{"InputType":"JSON"}},"{}":{{"Bucket":"bench-items","Key":"items.json"}}}},)"
      R"("ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"{}"}},"StartAt":"Work","States":{{"Work":)"
      R"({},"End":true}}}}}},"MaxConcurrency":1000,{},"End":true}}}}}})",
      options.language == "jsonata" ? "JSONata" : "JSONPath", parts.arguments,
      options.type == "express" ? "EXPRESS" : "STANDARD", state, parts.output);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A line of /proc/self/status in MiB ("VmHWM", "VmRSS").
double memory_mib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  }
  return 0;
}

void write_items(const std::filesystem::path& directory, uint64_t count) {
  std::filesystem::create_directories(directory);
  std::ofstream file(directory / "items.json");
  file << '[';
  for (uint64_t i = 0; i < count; ++i) file << (i == 0 ? "" : ",") << i;
  file << ']';
}

int run(const Options& options) {
  const std::filesystem::path data =
      options.data.empty()
          ? std::filesystem::temp_directory_path() / fmt::format("bench_map.{}", getpid())
          : std::filesystem::path(options.data);
  write_items(data / "items", options.children);
  store::OpenOptions store_options;
  store_options.directory = data / "store";
  store_options.durability = options.fsync ? store::Durability::kFsync : store::Durability::kOs;
  if (options.store_memory_mib != 0) store_options.memory_bytes = options.store_memory_mib << 20;
  auto opened = take(store::open_rocksdb(store_options));
  CountingStore counted(*opened);
  s3::BucketRegistry buckets({.staging = (data / "staging").string()});
  take(buckets.add("bench-items", data / "items"));
  InProcessTasks in_process(options.traced);
  std::optional<FunctionTasks> functions;
  if (options.kind == "function") functions.emplace(data / "function", options.traced);
  running::HostOptions host_options;
  host_options.clock = &kClock;
  host_options.shards = options.shards;
  host_options.tasks = functions ? &functions->tasks() : &in_process;
  auto host = take(running::Host::open(host_options, counted, nullptr, &buckets));
  const auto machine = take(host->create_state_machine(
      {.name = "order-processing", .definition = base::Text(definition(options))}));
  const double cpu_before = cpu_seconds();
  const double rss_before = memory_mib("VmRSS");
  const auto begin = std::chrono::steady_clock::now();
  const auto started = take(host->start_execution({.machine_arn = machine.arn}));
  while (!host->wait(started.arn, 600'000)) {
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double cpu = cpu_seconds() - cpu_before;
  // Without a ResultWriter the outputs of so many children are more than a state may hold: the Map
  // Run succeeds, then the execution fails with States.DataLimitExceeded, as on AWS. What counts
  // here is the Map Run.
  const auto key = take(host->query().find_execution(started.arn));
  const auto runs = take(host->query().map_runs(key));
  if (runs.size() != 1 || runs[0].executions.succeeded != options.children) {
    const auto view = take(host->query().execution(started.arn));
    fmt::print(stderr, "bench_map: {} of {} children succeeded; the execution ended {} {} {}\n",
               runs.empty() ? 0 : runs[0].executions.succeeded, options.children,
               history::to_string(view.status), view.error.value_or(""), view.cause.value_or(""));
    return 1;
  }
  const auto n = static_cast<double>(options.children);
  if (options.json) {
    fmt::print(
        R"({{"kind":"{}","type":"{}","language":"{}","children":{},"seconds":{:.2f},"childrenPerSec":{:.0f},"cpuUsPerChild":{:.1f},"keysPerChild":{:.2f},"bytesPerChild":{:.0f},"commits":{},"rssStartMiB":{:.0f},"rssEndMiB":{:.0f},"rssPeakMiB":{:.0f}}})"
        "\n",
        options.kind, options.type, options.language, options.children, seconds, n / seconds,
        cpu * 1e6 / n, static_cast<double>(counted.keys) / n,
        static_cast<double>(counted.bytes) / n, counted.commits, rss_before, memory_mib("VmRSS"),
        memory_mib("VmHWM"));
  } else {
    fmt::print(
        "{:>9} {:<8} children of one {:<4} {:>8.0f} children/s  {:>6.1f} us CPU/child  {:.2f} "
        "keys/child  {:>5.0f} B/child  RSS {:.0f} MiB at the end, {:.0f} MiB at most  ({}, "
        "{:.1f} s, {} commits, {})\n",
        options.children, options.type, options.kind, n / seconds, cpu * 1e6 / n,
        static_cast<double>(counted.keys) / n, static_cast<double>(counted.bytes) / n,
        memory_mib("VmRSS"), memory_mib("VmHWM"), options.language, seconds, counted.commits,
        options.fsync ? "fsync" : "no fsync");
  }
  host.reset();
  functions.reset();
  opened.reset();
  if (options.data.empty()) std::filesystem::remove_all(data);
  return 0;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--traced") {
      options.traced = true;
      continue;
    }
    if (flag == "--json") {
      options.json = true;
      continue;
    }
    if (flag == "--children")
      options.children = std::stoull(value);
    else if (flag == "--language" && (value == "jsonata" || value == "jsonpath"))
      options.language = value;
    else if (flag == "--kind" && (value == "pass" || value == "task" || value == "function"))
      options.kind = value;
    else if (flag == "--type" && (value == "standard" || value == "express"))
      options.type = value;
    else if (flag == "--data")
      options.data = value;
    else if (flag == "--durability" && (value == "fsync" || value == "os"))
      options.fsync = value == "fsync";
    else if (flag == "--store-memory")
      options.store_memory_mib = std::stoull(value);
    else if (flag == "--shards")
      options.shards = static_cast<uint32_t>(std::stoul(value));
    else
      return false;
    ++i;
  }
  return true;
}

}  // namespace
}  // namespace weft::bench

int main(int argc, char** argv) {
  weft::bench::Options options;
  if (weft::bench::parse(argc, argv, options)) return weft::bench::run(options);
  fmt::print(
      stderr,
      "usage: bench_map [--children N] [--kind pass|task|function] [--type standard|express] "
      "[--language jsonata|jsonpath] [--traced] "
      "[--data DIR] [--durability fsync|os] [--shards N] [--json]\n");
  return 2;
}
