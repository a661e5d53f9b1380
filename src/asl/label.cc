#include <algorithm>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/variable_name.h"
#include "base/hash.h"

namespace weft::asl {
namespace {

constexpr size_t kLabelCharsMax = 40;

bool has_illegal_character(std::string_view label) {
  constexpr std::string_view kIllegal = " ?*<>{}[]:;,\\|^~$#%&`\"";
  for (size_t i = 0; i < label.size(); ++i) {
    const auto c = static_cast<unsigned char>(label[i]);
    if (c < 0x20 || c == 0x7F || kIllegal.find(label[i]) != std::string_view::npos) {
      return true;
    }
    const unsigned char next = i + 1 < label.size() ? static_cast<unsigned char>(label[i + 1]) : 0;
    // U+0080..U+009F and U+00A0 in UTF-8.
    if (c == 0xC2 && next >= 0x80 && next <= 0xA0) {
      return true;
    }
  }
  return false;
}

uint64_t half_of_label(std::string_view text, uint64_t basis) {
  const uint64_t hash = base::fnv64(text, basis);
  return hash ^ (hash >> 29);
}

// A label for a state without one: shaped like the UUIDs AWS makes, and the same for the same state
// name, so that the names of children survive an update of the machine.
std::string make_label(std::string_view state_name) {
  const uint64_t high = half_of_label(state_name, base::kFnv64Basis);
  const uint64_t low = half_of_label(state_name, high);
  return fmt::format("{:08x}-{:04x}-3{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFF, ((low >> 48) & 0x3FFF) | 0x8000, low & 0xFFFFFFFFFFFF);
}

}  // namespace

std::string compile_label(StateContext& context) {
  Compilation& compilation = context.compilation();
  Path at = context.path.member("Label");
  if (context.json.find("Label").is_undefined()) {
    std::string label = make_label(context.state.name);
    compilation.add_label(label);
    return label;
  }
  std::optional<std::string> label = read_string(compilation, context.json, context.path, "Label");
  if (!label) {
    return {};
  }
  const size_t characters = count_characters(*label);
  if (characters == 0 || characters > kLabelCharsMax) {
    compilation.error(
        at,
        fmt::format("'Label' must have 1 to {} characters but has {}", kLabelCharsMax, characters),
        "INVALID_LABEL_NAME");
  } else if (has_illegal_character(*label)) {
    compilation.error(at,
                      "'Label' must not contain whitespace, control characters or any of "
                      "? * < > { } [ ] : ; , \\ | ^ ~ $ # % & ` \"",
                      "INVALID_LABEL_NAME");
  } else if (!compilation.add_label(*label)) {
    compilation.error(at, fmt::format("Duplicate Label: {}", *label), "DUPLICATE_LABEL_NAME");
  }
  return *label;
}

}  // namespace weft::asl
