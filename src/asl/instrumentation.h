#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asl/instrument.h"
#include "asl/text_edits.h"
#include "asl/trace_forms.h"
#include "json/value.h"

// Internal to src/asl: the work of instrument().

namespace weft::asl {

// Walks a definition and collects the edits. `pointer` is the JSON pointer of what is at hand.
class Instrumentation {
 public:
  explicit Instrumentation(std::string_view text) : edits_(text) {}

  void machine(json::Value machine);
  Instrumented finish() { return {edits_.apply(), edited_, std::move(notes_)}; }

 private:
  void block(json::Value block, const std::string& pointer);
  void state(json::Value state, const std::string& name, const std::string& pointer);
  void task(json::Value state, const std::string& pointer, bool jsonata);
  void map(json::Value state, const std::string& pointer, bool jsonata);

  // Functions, executions and requests (instrument.cc).
  void path_lambda(json::Value state, const std::string& pointer);
  void path_payload(json::Value parameters, const std::string& pointer);
  void path_payload_members(json::Value payload, const std::string& pointer);
  void path_execution(json::Value state, const std::string& pointer);
  void jsonata_task(json::Value state, const std::string& pointer);
  // HTTP requests.
  void request(json::Value state, const std::string& pointer, bool jsonata, Made made);
  // Adds what is `made` to the value that `member` of `object` has or computes. A computed value
  // that is no object stays what it is.
  void jsonata_value(json::Value object, const std::string& pointer, std::string_view member,
                     Made made);

  // Queues, topics and events (instrument_messages.cc). `service` is the part of the Resource
  // behind "arn:aws:states:::". False when it is another service's.
  bool messages(json::Value state, const std::string& pointer, std::string_view service,
                bool jsonata);
  // Messages that `member` of `fields` lists; `events`: they carry the trace in Detail.
  void entries(json::Value fields, const std::string& pointer, std::string_view member,
               bool jsonata, bool events);
  void message(json::Value fields, const std::string& pointer, bool jsonata);
  void path_attributes(json::Value fields, const std::string& pointer);
  void event(json::Value entry, const std::string& pointer, bool jsonata);

  void add(const std::string& pointer, std::string_view name, std::string_view json) {
    edits_.add_member(pointer, name, json);
    ++edited_;
  }
  void refuse(std::string message) { note(true, std::move(message)); }
  void already() { note(false, "carries the trace already"); }
  // Of something that is there already under our name: ours, or not.
  void found(json::Value given, std::string_view member);
  void note(bool refused, std::string message);

  TextEdits edits_;
  bool jsonata_machine_ = false;
  size_t edited_ = 0;
  std::vector<InstrumentNote> notes_;
  std::string name_;  // the state at hand
  std::string pointer_;
  std::string entry_;  // "Entries[1]: " while one of several messages is at hand
};

}  // namespace weft::asl
