#include "server/server.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "api/lambda/lambda_handler.h"
#include "api/router.h"
#include "api/s3/s3_handler.h"
#include "clock/system_clock.h"
#include "exports/exports.h"
#include "integrations/lambda/function_pool.h"
#include "integrations/registry.h"
#include "integrations/s3/bucket_registry.h"
#include "net/datagrams.h"
#include "net/loop.h"
#include "net/origin.h"
#include "net/server.h"
#include "net/worker_pool.h"
#include "reading/column_writer.h"
#include "running/misfits.h"
#include "server/data_directory.h"
#include "server/objects.h"
#include "server/open_files.h"
#include "server/router.h"
#include "store/store.h"
#include "sync/mutex.h"
#include "telemetry/function_environment.h"
#include "telemetry/intake.h"
#include "telemetry/invocations.h"

namespace weft::server {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

// Calls of S3 block on files; these threads wait for them. Those of the API: ApiThreads.
constexpr int kS3Threads = 8;
constexpr int kLambdaThreads = 4;  // an Invoke holds none while its function works
constexpr int kTelemetryThreads = 2;
// Of bodies in memory, over all connections of the ports that others than functions use.
constexpr uint64_t kInFlightBytes = 256u << 20;
// After an execution's end: for its functions' spans, which follow their answers by milliseconds.
// Turns rather than time: where functions wait for the processor, so do the turns.
constexpr std::chrono::milliseconds kSpanTurn{10};
constexpr int kSpanQuietTurns = 25;
constexpr std::chrono::milliseconds kSpanWaitMax{5'000};
// AWS gives a function with extensions two seconds ("Lambda execution environment lifecycle",
// Shutdown phase); here all processes end at once, and share the processors.
constexpr std::chrono::milliseconds kFunctionsEnd{5'000};
// Spans may come before their parents: from then on nobody waits for those. Looked at each second.
constexpr std::chrono::seconds kParentWait{10};
constexpr std::chrono::seconds kSettleInterval{1};
// At the end, for what waits to be pushed.
constexpr std::chrono::milliseconds kExportFinish{5'000};

// Ports of others' connections: the API's, and those of telemetry.
OpenFiles files_shared(const ServeOptions& options) {
  const size_t ports = 1 + options.agent_port.has_value() + options.otlp_port.has_value();
  return share_open_files(allow_open_files(), ports);
}

// A directory of buckets is made when only its last part is missing (the place results go to).
base::Result<void> make_bucket_directory(const std::string& flag, const std::string& path) {
  if (auto place = check_bucket_place(flag, path); !place) return place;
  std::error_code error;
  fs::create_directory(path, error);
  if (!error) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", flag, error.message()));
}

base::Result<void> make_bucket_directories(const ServeOptions& options) {
  for (const BucketFlag& flag : options.buckets) {
    if (!flag.url.empty()) continue;
    const std::string name = fmt::format("--bucket {}={}", flag.name, flag.directory);
    if (auto made = make_bucket_directory(name, flag.directory); !made) return made;
  }
  const std::string& home = options.buckets_home;
  if (home.empty()) return {};
  return make_bucket_directory("--buckets " + home, home);
}

// Fills `buckets`, and opens them and those elsewhere for reading.
base::Result<std::unique_ptr<s3::ObjectSource>> open_buckets(const ServeOptions& options,
                                                             s3::BucketRegistry& buckets) {
  for (const BucketFlag& flag : options.buckets) {
    if (!flag.url.empty()) continue;
    if (auto added = buckets.add(flag.name, flag.directory); !added) {
      return fail(added.error().code, fmt::format("--bucket {}={}: {}", flag.name, flag.directory,
                                                  added.error().message));
    }
  }
  return open_objects(options, buckets);
}

std::string url_of(std::string_view address, uint16_t port) {
  if (address == "0.0.0.0") address = "127.0.0.1";
  if (address == "::") address = "::1";
  const bool v6 = address.find(':') != std::string_view::npos;
  return v6 ? fmt::format("http://[{}]:{}", address, port)
            : fmt::format("http://{}:{}", address, port);
}

}  // namespace

// Members in order of construction. ~Impl takes them down in the order that keeps every callback's
// target alive.
struct Server::Impl {
  clock::SystemClock clock;
  arn::Home identity;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<reading::Query> query;  // of the time before the host exists
  std::optional<s3::BucketRegistry> buckets;
  std::unique_ptr<s3::ObjectSource> objects;
  std::string parquet_library;
  net::Loop loop;
  std::shared_ptr<Router> router = std::make_shared<Router>();
  std::unique_ptr<net::HttpServer> http;
  std::string url;
  std::vector<std::unique_ptr<net::HttpServer>> telemetry_listeners;
  uint64_t detail_budget = 0;
  uint64_t detail_bytes = 0;
  bool reads_on_when_damaged = false;
  telemetry::Invocations invocations;
  std::optional<net::WorkerPool> telemetry_threads;
  std::unique_ptr<telemetry::Intake> intake;
  trace::Redactor payloads;
  api::PrivateAccess access;
  std::unique_ptr<net::DatagramListener> statsd_listener;
  sync::Mutex settle_mutex;
  bool settling WEFT_GUARDED_BY(settle_mutex) = false;
  bool traced_functions = false;  // some function was given settings of a tracing library
  std::unique_ptr<lambda::FunctionPool> functions;
  uint64_t functions_killed = 0;  // by end_functions()
  std::vector<std::unique_ptr<integrations::Integration>> services;
  std::optional<net::WorkerPool> s3_threads;
  std::optional<net::WorkerPool> lambda_threads;
  std::optional<api::ApiThreads> api_threads;
  std::optional<exports::Exports> pushes;        // told by the host: outlives it
  std::optional<reading::ColumnWriter> columns;  // likewise
  std::unique_ptr<running::Host> host;

  base::Result<void> open(const ServeOptions& options);
  base::Result<void> open_store(const ServeOptions& options);
  base::Result<void> make_access(const ServeOptions& options);
  base::Result<void> listen(const ServeOptions& options);
  void take_telemetry(const ServeOptions& options);
  // Has the intake settle now and then, until `settling` is false.
  void settle_spans();
  // What came in, and what goes out under "exports".
  std::string telemetry_json() const;
  ~Impl();
};

base::Result<void> Server::Impl::open_store(const ServeOptions& options) {
  if (auto enough = check_open_files(allow_open_files()); !enough) return enough;
  if (auto made = make_data_directory(options.data_directory); !made) return made;
  auto opened = open_to_write(options.data_directory, {.durability = options.durability,
                                                       .accept_data_loss = options.accept_data_loss,
                                                       .warn = options.warn,
                                                       .not_closed = options.not_closed});
  if (!opened) return std::unexpected(opened.error());
  store = std::move(*opened);
  // Before anybody looks at what is open.
  auto mended = running::mend_losses(*store, clock.now_ms(), running::MendWhen::kAfterLosses);
  if (!mended) return std::unexpected(mended.error());
  for (const std::string& what : *mended) {
    if (options.warn) options.warn(what);
  }
  query = std::make_unique<reading::Query>(
      *store, identity, derived_directory(options.data_directory), reading::DerivedFiles::kKeep);
  return {};
}

base::Result<void> Server::Impl::open(const ServeOptions& options) {
  auto redactor = trace::Redactor::create(options.redaction);
  if (!redactor) return std::unexpected(redactor.error());
  payloads = std::move(*redactor);
  if (auto apart = check_apart(options); !apart) return apart;
  if (auto made = make_bucket_directories(options); !made) return made;
  detail_budget = options.detail_budget;
  detail_bytes = options.detail_bytes;
  reads_on_when_damaged = options.reads_on_when_damaged;
  if (auto opened = open_store(options); !opened) return opened;
  // After the store, which lets one process in: what another is writing is not swept away.
  buckets.emplace(s3::BucketPlaces{.staging = options.data_directory + "/buckets",
                                   .home = options.buckets_home,
                                   .shadowed = &Router::shadows_bucket});
  auto sources = open_buckets(options, *buckets);
  if (!sources) return std::unexpected(sources.error());
  objects = std::move(*sources);
  parquet_library = options.parquet_library;

  if (auto made = make_access(options); !made) return made;
  loop.start(static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 4u)));
  take_telemetry(options);
  if (auto listening = listen(options); !listening) return listening;
  if (auto left = leave_endpoint(access.data_directory, url); !left) return left;
  const auto sent = [this](net::Request request, net::Responder responder,
                           telemetry::CallAt call_at) {
    intake->handle(std::move(request), std::move(responder), std::move(call_at));
  };
  const auto datagrams = [this](std::string_view bytes, const telemetry::CallAt& call_at) {
    intake->take_datagram(bytes, call_at);
  };
  const auto printed = [this](const std::string& request_id,
                              const lambda::InvocationResult& result) {
    intake->take_printed({.request_id = request_id,
                          .text = result.log,
                          .read_at = result.log_read_at,
                          .from_stderr = result.log_stderr,
                          .lines_lost = result.log_lines_lost});
  };
  auto pool =
      lambda::FunctionPool::create(loop,
                                   {.account = identity.account,
                                    .region = identity.region,
                                    .endpoint_url = url,
                                    .environment = telemetry::function_environment(),
                                    .telemetry = sent,
                                    .datagrams = datagrams,
                                    .printed = printed,
                                    .telemetry_environment = telemetry::intake_environment,
                                    .log_directory = options.data_directory + "/logs",
                                    .call_ledger = options.data_directory + "/calls",
                                    // One place, so that a kill leaves nothing behind.
                                    .runtime_directory = options.data_directory + "/runtime",
                                    .processes_max = files_shared(options).processes},
                                   options.functions);
  if (!pool) return std::unexpected(pool.error());
  functions = std::move(*pool);
  auto services_here =
      integrations::open_services({.region = identity.region,
                                   .calls_max = files_shared(options).calls,
                                   .reached_by_others = !is_loopback(options.address),
                                   .flags = options.integration_flags});
  if (!services_here) return std::unexpected(services_here.error());
  services = std::move(*services_here);
  if (!options.pushes.empty()) pushes.emplace(options.pushes);
  s3_threads.emplace(kS3Threads);
  router->set_s3(api::make_s3_handler(*buckets, *s3_threads));
  router->set_lambda(api::make_lambda_handler(*functions, lambda_threads.emplace(kLambdaThreads)));
  return {};
}

base::Result<void> Server::Impl::make_access(const ServeOptions& options) {
  auto token = data_directory_token(options.data_directory);
  if (!token) return std::unexpected(token.error());
  access = {std::move(*token), fs::absolute(options.data_directory).string()};
  return {};
}

base::Result<void> Server::Impl::listen(const ServeOptions& options) {
  // Of no process in particular.
  const net::Handler take = [this](net::Request request, net::Responder responder) {
    intake->handle(std::move(request), std::move(responder), nullptr);
  };
  router->set_telemetry(take);
  const bool local = is_loopback(options.address);
  const auto in_flight = std::make_shared<net::ByteBudget>(kInFlightBytes);
  const OpenFiles files = files_shared(options);
  auto listening =
      net::HttpServer::listen(loop, options.address, options.port,
                              net::guarded(Router::handler(router), local, options.allowed_origins),
                              {.body_limit = Router::body_limit,
                               .body_refusal = Router::refuse_body,
                               .in_flight = in_flight,
                               .connections = files.connections});
  if (!listening) return std::unexpected(listening.error());
  http = std::move(*listening);
  url = url_of(options.address, http->port());
  for (const auto& port : {options.agent_port, options.otlp_port}) {
    if (!port) continue;
    auto listener = net::HttpServer::listen(loop, options.address, *port,
                                            net::guarded(take, local, options.allowed_origins),
                                            {.body_limit = Router::body_limit,
                                             .body_refusal = Router::refuse_body,
                                             .in_flight = in_flight,
                                             .connections = files.connections});
    if (!listener) return std::unexpected(listener.error());
    telemetry_listeners.push_back(std::move(*listener));
  }
  if (!options.statsd_port) return {};
  auto listener = net::DatagramListener::listen(
      loop, options.address, *options.statsd_port,
      [this](std::string_view bytes) { intake->take_datagram(bytes, nullptr); });
  if (!listener) return std::unexpected(listener.error());
  statsd_listener = std::move(*listener);
  return {};
}

void Server::Impl::take_telemetry(const ServeOptions& options) {
  for (const lambda::FunctionConfig& function : options.functions) {
    for (const auto& [key, value] : function.environment) {
      traced_functions |=
          key.starts_with("DD_") || key.starts_with("OTEL_") || key == "NODE_OPTIONS";
    }
  }
  telemetry_threads.emplace(kTelemetryThreads);
  intake = std::make_unique<telemetry::Intake>(invocations, *telemetry_threads, clock,
                                               telemetry::Intake::kRoomWait, payloads);
}

void Server::Impl::settle_spans() {
  loop.run_after(kSettleInterval, [this] {
    const sync::MutexLock lock(settle_mutex);
    if (!settling) return;
    telemetry_threads->post([this] { intake->settle(kParentWait); });
    settle_spans();
  });
}

std::string Server::Impl::telemetry_json() const {
  std::string counts = intake->counts_json();
  if (!pushes) return counts;
  counts.pop_back();
  return counts + R"(,"exports":)" + pushes->counts_json() + "}";
}

// Whether a Map Run will have no more children than its detail budget.
static std::optional<bool> fits(const running::Host& host, const records::MapRunRecord& run) {
  const auto progress = host.map_run_progress(run.arn);
  if (!progress) return std::nullopt;
  if (progress->executions.total > run.detail_budget) return false;
  if (progress->reading) return std::nullopt;
  return true;
}

Server::Impl::~Impl() {
  if (!access.data_directory.empty()) remove_endpoint(access.data_directory);
  router->close();
  if (intake) intake->close();
  {
    const sync::MutexLock lock(settle_mutex);
    settling = false;
  }
  telemetry_threads.reset();
  if (intake && host) intake->settle({});
  api_threads.reset();
  s3_threads.reset();
  lambda_threads.reset();
  if (pushes) pushes->finish(kExportFinish);
  host.reset();
  columns.reset();
  pushes.reset();
  functions.reset();
  http.reset();
  loop.stop();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::open(const ServeOptions& options) {
  auto impl = std::make_unique<Impl>();
  if (auto opened = impl->open(options); !opened) return std::unexpected(opened.error());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

base::Result<void> Server::start(std::function<base::Result<void>(const asl::Program&)> can_go_on) {
  running::HostOptions options{.clock = &impl_->clock,
                               .identity = impl_->identity,
                               .derived_directory = impl_->query->derived_directory(),
                               .detail_budget = impl_->detail_budget,
                               .detail_bytes = impl_->detail_bytes,
                               .invocations = &impl_->invocations,
                               .objects = impl_->objects.get(),
                               .reads_on_when_damaged = impl_->reads_on_when_damaged,
                               .parquet_library = impl_->parquet_library};
  options.can_go_on = std::move(can_go_on);
  for (const auto& service : impl_->services) options.integrations.push_back(service.get());
  if (impl_->pushes) {
    options.ended = [pushes = &*impl_->pushes](auto key, const auto& row) {
      pushes->ended(key, row);
    };
  }
  options.run_ended = [impl = impl_.get()](uint64_t run) {
    impl->columns->ended(run);
    if (impl->pushes) impl->pushes->run_ended(run);
  };
  impl_->columns.emplace(*impl_->query);
  auto host = running::Host::open(std::move(options), *impl_->store, impl_->functions.get(),
                                  &*impl_->buckets);
  if (!host) return std::unexpected(host.error());
  impl_->host = std::move(*host);
  impl_->intake->store_in(*impl_->host);
  {
    const sync::MutexLock lock(impl_->settle_mutex);
    impl_->settling = true;
  }
  impl_->settle_spans();
  if (impl_->pushes) {
    impl_->pushes->start(
        {.query = &impl_->host->query(),
         .payloads = &impl_->payloads,
         .metrics = [host = impl_->host.get()] { return host->metrics(); },
         .fits_budget = [host = impl_->host.get()](const auto& run) { return fits(*host, run); },
         .certain = [host = impl_->host.get()](
                        uint64_t run, size_t from) { return host->certain_detail(run, from); }});
  }
  impl_->api_threads.emplace();
  const telemetry::Intake* intake = impl_->intake.get();
  impl_->router->set_api(api::make_api_handler(
      *impl_->host, *impl_->api_threads,
      {.counts_json = [impl = impl_.get()] { return impl->telemetry_json(); },
       .add_metrics = [intake](metrics::Registry& registry) { intake->add_metrics(registry); }},
      impl_->payloads, impl_->access));
  return {};
}

const reading::Query& Server::query() const {
  return impl_->host ? impl_->host->query() : *impl_->query;
}
running::Host& Server::host() { return *impl_->host; }
lambda::FunctionPool& Server::functions() const { return *impl_->functions; }
void Server::wait_for_spans() {
  telemetry::Intake& intake = *impl_->intake;
  // Nobody sends anything: only what was printed may wait.
  const bool silent = intake.counts().requests == 0 && !impl_->traced_functions;
  intake.wait_for_quiet(silent ? 0 : kSpanQuietTurns, kSpanTurn,
                        std::chrono::steady_clock::now() + kSpanWaitMax);
  intake.settle({});
}

void Server::end_functions() {
  impl_->functions_killed = impl_->functions->retire(kFunctionsEnd).killed;
  telemetry::Intake& intake = *impl_->intake;
  intake.wait_for_quiet(0, kSpanTurn, std::chrono::steady_clock::now() + kSpanWaitMax);
  intake.settle({});
}

uint64_t Server::functions_killed() const { return impl_->functions_killed; }

telemetry::IntakeCounts Server::telemetry_counts() const { return impl_->intake->counts(); }

std::vector<std::string> Server::finish_exports() {
  if (!impl_->pushes) return {};
  if (impl_->host) impl_->host->await_effects();
  impl_->pushes->finish(kExportFinish);
  return impl_->pushes->warnings();
}

bool Server::wait_for_columns(std::chrono::steady_clock::time_point time) {
  return !impl_->columns || impl_->columns->wait_until(time);
}

uint16_t Server::port() const { return impl_->http->port(); }
const std::string& Server::url() const { return impl_->url; }

}  // namespace weft::server
