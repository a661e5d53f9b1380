#include "jsonata/library.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "jsonata/function_names.h"

namespace weft::jsonata {

namespace {

// The functions of one dialect by name, built once.
class Library {
 public:
  explicit Library(Dialect dialect) {
    const bool aws = dialect == Dialect::kAws;
    for (const auto group :
         {aws ? aws_functions() : reference_functions(), string_functions(), text_codec_functions(),
          matching_functions(), number_functions(), picture_functions(), aggregate_functions(),
          array_functions(), object_functions(), higher_order_functions(), general_functions(),
          time_functions()}) {
      for (const LibraryEntry& entry : group) add(entry);
    }
    for (const auto& [name, function] : by_name_) names_.push_back(name);
  }

  const NativeFunction* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

  std::span<const std::string_view> names() const { return names_; }

 private:
  void add(const LibraryEntry& entry) {
    if (by_name_.contains(entry.name)) return;
    NativeFunction& function = functions_.emplace_back();
    function.kind = Function::Kind::kNative;
    function.arity = entry.arity;
    function.name = entry.name;
    function.signature_text = entry.signature;
    function.implementation = entry.implementation;
    function.signature = nullptr;
    if (!entry.signature.empty()) {
      const char* code = nullptr;
      size_t offset = 0;
      signatures_.push_back(Signature::parse(entry.signature, code, offset));
      WEFT_CHECK(signatures_.back() != nullptr);
      function.signature = signatures_.back().get();
    }
    by_name_.emplace(entry.name, &function);
  }

  std::deque<NativeFunction> functions_;
  std::deque<std::shared_ptr<const Signature>> signatures_;
  std::map<std::string_view, const NativeFunction*> by_name_;
  std::vector<std::string_view> names_;
};

const Library& library_of(Dialect dialect) {
  static const Library reference(Dialect::kReference);
  static const Library aws(Dialect::kAws);
  return dialect == Dialect::kAws ? aws : reference;
}

}  // namespace

const NativeFunction* find_library_function(std::string_view name, Dialect dialect) {
  return library_of(dialect).find(name);
}

std::span<const std::string_view> library_function_names(Dialect dialect) {
  return library_of(dialect).names();
}

}  // namespace weft::jsonata
