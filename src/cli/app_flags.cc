#include "cli/app_flags.h"

#include <charconv>

#include <fmt/format.h>

#include "cli/settings.h"
#include "integrations/registry.h"

namespace weft::cli {

CLI::Validator one_of(std::set<std::string> values) {
  return CLI::IsMember(std::move(values)).description("");
}

CLI::Validator any_case_of(std::set<std::string> values) {
  return CLI::IsMember(std::move(values), CLI::ignore_case).description("");
}

CLI::Validator whole_number(int64_t low, int64_t high) {
  CLI::Validator validator(
      [low, high](const std::string& text) -> std::string {
        int64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [at, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && at == end && value >= low && value <= high) return "";
        return fmt::format("{} is no whole number from {} to {}", text, low, high);
      },
      "");
  return validator.name(kWholeNumberName);
}

// A number of bytes with a unit or without, as text of the bytes.
CLI::Validator size_of_bytes() {
  CLI::Validator validator(
      [](std::string& text) -> std::string {
        const std::string given = text;
        const bool number = !text.empty() && text.front() >= '0' && text.front() <= '9';
        const CLI::AsSizeValue sizes(false);
        try {
          if (number && sizes(text).empty()) return "";
        } catch (const CLI::Error&) {
        }
        return fmt::format(
            "{} is no size: expected a number of bytes, or one with KiB, MiB or GiB, as in 64MiB",
            given);
      },
      "");
  return validator.name(kSizeName);
}

void add_redact_flags(CLI::App& command, RedactFlags& flags) {
  const char* group = "Payloads";
  command
      .add_option("--redact", flags.redact,
                  "Hide members with this in their name, or a path such as '$.items[*].card' "
                  "(names of secrets are hidden anyway)")
      ->type_name("NAME|PATH")
      ->group(group)
      ->expected(1)
      ->take_all();
  command.add_flag("--show-secrets", flags.show_secrets, "Hide only what --redact names")
      ->group(group);
  command.add_option("--payload-bytes", flags.payload_bytes, "Cut payloads here; 0: show none")
      ->check(whole_number(0, int64_t{1} << 30))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
}

void add_integration_flags(CLI::App& command, RuntimeFlags& flags) {
  for (const integrations::Service* service : integrations::services()) {
    for (const integrations::Flag& flag : service->flags) {
      command.add_option(flag.name, flags.integrations[flag.name], flag.help)
          ->type_name(flag.value)
          ->group(std::string(service->title))
          ->expected(1)
          ->take_all();
    }
  }
}

void add_config_flag(CLI::App& command) {
  command
      .add_option("--config",
                  "Settings, else those of weft.toml beside the definition, or here "
                  "(docs/reference/weft-toml.md)")
      ->type_name("FILE")
      ->configurable(false);
}

static void add_substitutes(CLI::App& command, std::vector<std::string>& substitutes) {
  command
      .add_option(
          "--substitute", substitutes,
          "A value for ${NAME} in the definition, or for a parameter of the template; @FILE: "
          "an object of them; repeatable")
      ->type_name("NAME=VALUE|@FILE")
      ->expected(1)
      ->take_all();
}

void add_definition_flags(CLI::App& command, std::string& resource,
                          std::vector<std::string>& substitutes) {
  command.add_option("--resource", resource, "The state machine of a template, by its logical ID")
      ->type_name("LOGICAL_ID");
  add_substitutes(command, substitutes);
}

void add_template_flags(CLI::App& command, TemplateFlags& flags) {
  command
      .add_option("--template", flags.file,
                  "A template (SAM, CloudFormation, CDK) whose functions and buckets there are")
      ->type_name("FILE")
      ->group("Functions and buckets")
      ->configurable(false);
  add_substitutes(command, flags.substitutes);
}

void add_function_flag(CLI::App& command, std::vector<std::string>& functions) {
  command
      .add_option("--function", functions,
                  "A function: a program, or an export of a JavaScript or Python file")
      ->type_name("NAME=PATH[:HANDLER][,concurrency=N,timeout=S]")
      ->group("Functions and buckets")
      ->expected(1)
      ->take_all();
}

void add_function_flags(CLI::App& command, RuntimeFlags& flags) {
  add_function_flag(command, flags.functions);
  command
      .add_option(
          "--bucket", flags.buckets,
          "An S3 bucket: a directory, or one of another S3 server that Distributed Maps use")
      ->type_name("NAME=DIR|URL")
      ->group("Functions and buckets")
      ->expected(1)
      ->take_all();
  command
      .add_option("--buckets", flags.buckets_home,
                  "A directory of buckets: each subfolder is one, CreateBucket makes more")
      ->type_name("DIR")
      ->group("Functions and buckets");
  command
      .add_option("--s3-endpoint", flags.s3_endpoint,
                  "The S3 server on which Distributed Maps find every other bucket")
      ->type_name("URL")
      ->group("Functions and buckets");
  command
      .add_option("--parquet-library", flags.parquet_library,
                  "libduckdb.so, with which Parquet files are read, when it is not installed")
      ->type_name("FILE")
      ->group("Functions and buckets");
}

void add_accept_data_loss(CLI::App& command, bool& accept) {
  command
      .add_flag("--accept-data-loss", accept,
                "Go on with what is left of a damaged store; its files are kept beside it")
      ->configurable(false)
      ->group("Storage and network");
}

void add_runtime_flags(CLI::App& command, RuntimeFlags& flags) {
  add_function_flags(command, flags);
  add_config_flag(command);
  command.add_option("--data", flags.data_directory, "Where executions are kept")
      ->type_name("DIR")
      ->capture_default_str()
      ->group("Storage and network");
  command
      .add_option("--durability", flags.durability,
                  "fsync: what was answered survives a power cut; os: a crash of weft only")
      ->check(one_of({"fsync", "os"}))
      ->type_name("fsync|os")
      ->capture_default_str()
      ->group("Storage and network");
  command
      .add_option("--detail-budget", flags.detail_budget,
                  "Children of a Map Run that keep their functions' spans; 0: all")
      ->check(whole_number(0, int64_t{1} << 40))
      ->type_name("CHILDREN")
      ->capture_default_str()
      ->group("Storage and network");
  command
      .add_option("--detail-bytes", flags.detail_bytes,
                  "Bytes those may take together, as in 64MiB; 0: any number")
      ->transform(size_of_bytes())
      ->type_name("SIZE")
      ->group("Storage and network");
  add_accept_data_loss(command, flags.accept_data_loss);
  const auto port = [&command](const char* flag, int& value, const char* what) {
    command.add_option(flag, value, what)
        ->check(whole_number(0, 65'535))
        ->type_name("PORT")
        ->group("Storage and network");
  };
  port("--agent-port", flags.agent_port, "Also take Datadog traces here (usual: 8126)");
  port("--otlp-port", flags.otlp_port, "Also take OpenTelemetry here (usual: 4318)");
  port("--statsd-port", flags.statsd_port, "Also take DogStatsD here, over UDP (usual: 8125)");
  command
      .add_option("--allow-origin", flags.allow_origins,
                  "Let pages of this origin (https://app.example) ask, and read what is answered")
      ->type_name("ORIGIN")
      ->group("Storage and network");
  add_redact_flags(command, flags.redact);
  add_integration_flags(command, flags);
  command
      .add_option("--export", flags.exports,
                  "Push spans (otlp=URL, datadog=URL of an agent) or metrics (otlp-metrics=URL, "
                  "dogstatsd=HOST:PORT) while it runs")
      ->type_name("KIND=WHERE")
      ->group("Storage and network")
      ->expected(1)
      ->take_all();
}

void add_json(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print JSON for programs")->configurable(false);
}

void add_no_pager(CLI::App& command, bool& pager) {
  command.add_flag_callback(
      "--no-pager", [&pager] { pager = false; },
      "Print straight to the terminal (else through WEFT_PAGER, PAGER or less)");
}

void add_data_flags(CLI::App& command, DataFlags& flags) {
  auto* data = command.add_option("--data", flags.directory, "The data directory to read")
                   ->type_name("DIR")
                   ->capture_default_str();
  command.add_option("--endpoint", flags.endpoint, "Read from a running weft instead")
      ->type_name("URL")
      ->excludes(data);
  add_config_flag(command);
}

void add_read_flags(CLI::App& command, ReadFlags& flags, const std::string& what) {
  command.add_option("ARN", flags.arn, what)->required();
  add_data_flags(command, flags.data);
}

}  // namespace weft::cli
