#include "jsonata/signature.h"

#include <string_view>

namespace weft::jsonata {

namespace {

constexpr std::string_view kLetters = "snblaofm";
constexpr uint16_t kMissing = 1 << 7;
constexpr uint16_t kArray = 1 << 4;
constexpr uint16_t kFunctionBit = 1 << 6;
constexpr uint16_t kAny = 0xFF;
constexpr uint16_t kAnyJson = kAny & ~kFunctionBit;

uint16_t bit_of(char letter) {
  const size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? 0 : static_cast<uint16_t>(1U << at);
}

uint16_t letter_of(const Value& value) {
  switch (value.kind()) {
    case json::Kind::kString:
      return 1 << 0;
    case json::Kind::kNumber:
      return 1 << 1;
    case json::Kind::kBool:
      return 1 << 2;
    case json::Kind::kNull:
      return 1 << 3;
    case json::Kind::kArray:
      return kArray;
    case json::Kind::kObject:
      return 1 << 5;
    case json::Kind::kFunction:
      return kFunctionBit;
    case json::Kind::kUndefined:
      break;
  }
  return kMissing;
}

std::string_view plural_of(char subtype) {
  switch (subtype) {
    case 'a':
      return "arrays";
    case 'b':
      return "booleans";
    case 'f':
      return "functions";
    case 'n':
      return "numbers";
    case 'o':
      return "objects";
    case 's':
      return "strings";
    default:
      return {};
  }
}

// The position of the bracket closing the one at text[open].
size_t closing(std::string_view text, size_t open, char opens, char closes) {
  int depth = 1;
  size_t at = open;
  while (at < text.size()) {
    ++at;
    if (at >= text.size()) break;
    if (text[at] == closes && --depth == 0) break;
    if (text[at] == opens) ++depth;
  }
  return at;
}

}  // namespace

std::shared_ptr<const Signature> Signature::parse(std::string_view text, const char*& code,
                                                  size_t& offset) {
  auto made = std::make_shared<Signature>();
  for (size_t at = 1; at < text.size() && text[at] != ':' && text[at] != '>'; ++at) {
    const char c = text[at];
    Parameter* last = made->parameters.empty() ? nullptr : &made->parameters.back();
    Parameter parameter;
    switch (c) {
      case 's':
      case 'n':
      case 'b':
      case 'l':
      case 'o':
        parameter.mask = bit_of(c) | kMissing;
        break;
      case 'a':
        parameter.mask = kAny;
        parameter.is_array = true;
        break;
      case 'f':
        parameter.mask = kFunctionBit;
        break;
      case 'j':
        parameter.mask = kAnyJson;
        break;
      case 'x':
        parameter.mask = kAny;
        break;
      case '-':
        if (last != nullptr) last->context = last->optional = true;
        continue;
      case '?':
        if (last != nullptr) last->optional = true;
        continue;
      case '+':
        if (last != nullptr) made->repeats = last->repeated = true;
        continue;
      case '(': {
        const size_t end = closing(text, at, '(', ')');
        const std::string_view choice = text.substr(at + 1, end - at - 1);
        if (choice.find('<') != std::string_view::npos) {
          code = "S0402";
          offset = at;
          return nullptr;
        }
        parameter.mask = kMissing;
        for (const char option : choice) parameter.mask |= bit_of(option);
        at = end;
        break;
      }
      case '<': {
        if (last == nullptr || (!last->is_array && last->mask != kFunctionBit)) {
          code = "S0401";
          offset = at;
          return nullptr;
        }
        const size_t end = closing(text, at, '<', '>');
        last->subtype = at + 1 < text.size() ? text[at + 1] : '\0';
        at = end;
        continue;
      }
      default:
        continue;
    }
    made->parameters.push_back(parameter);
  }
  if (made->parameters.size() > kMaxParameters) made->parameters.resize(kMaxParameters);
  return made;
}

// The usual case: each argument goes to the parameter in its place, the rest being optional. That
// is also what match() tries first.
bool Signature::match_plainly(const uint16_t* letters, size_t count, uint32_t* taken) const {
  if (repeats || count > parameters.size()) return false;
  for (size_t i = 0; i < count; ++i) {
    if ((letters[i] & parameters[i].mask) == 0) return false;
    taken[i] = 1;
  }
  for (size_t i = count; i < parameters.size(); ++i) {
    if (!parameters[i].optional) return false;
    taken[i] = 0;
  }
  return true;
}

// Backtracking over `parameters`: greedy, each taking none, one or (repeated) many of the letters.
bool Signature::match(const uint16_t* letters, size_t count, size_t parameter,
                      size_t parameters_end, size_t at, bool whole, uint32_t* taken,
                      size_t& end) const {
  if (parameter == parameters_end) {
    end = at;
    return !whole || at == count;
  }
  const Parameter& p = parameters[parameter];
  size_t most = 0;
  const size_t limit = p.repeated ? count - at : 1;
  while (most < limit && at + most < count && (letters[at + most] & p.mask) != 0) ++most;
  const size_t least = p.optional ? 0 : 1;
  for (size_t n = most + 1; n-- > least;) {
    taken[parameter] = static_cast<uint32_t>(n);
    if (match(letters, count, parameter + 1, parameters_end, at + n, whole, taken, end))
      return true;
  }
  return false;
}

size_t Signature::mismatch(Context& context, const Value* arguments, const uint16_t* letters,
                           size_t count) const {
  size_t good_to = 0;
  uint32_t taken[kMaxParameters];
  for (size_t n = 1; n <= parameters.size(); ++n) {
    size_t end = 0;
    if (!match(letters, count, 0, n, 0, false, taken, end)) break;
    good_to = end;
  }
  context.fail_value("T0410", good_to < count ? arguments[good_to] : Value());
  context.failure.index = good_to + 1;
  return 0;
}

size_t Signature::validate(Context& context, const Value* arguments, size_t count, Value input,
                           Value* out) const {
  uint16_t letter_room[16];
  uint16_t* letters = count <= 16 ? letter_room : context.arena.allocate_array<uint16_t>(count);
  for (size_t i = 0; i < count; ++i) letters[i] = letter_of(arguments[i]);
  uint32_t taken[kMaxParameters];
  size_t end = 0;
  if (!match_plainly(letters, count, taken) &&
      !match(letters, count, 0, parameters.size(), 0, true, taken, end)) {
    return mismatch(context, arguments, letters, count);
  }
  size_t made = 0;
  size_t at = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    if (taken[i] == 0) {
      if (p.context) {
        if ((letter_of(input) & p.mask) == 0) {
          context.fail_value("T0411", input);
          context.failure.index = at + 1;
          return 0;
        }
        out[made++] = input;
      } else {
        out[made++] = at < count ? arguments[at] : Value();
        ++at;
      }
      continue;
    }
    for (uint32_t n = 0; n < taken[i]; ++n, ++at) {
      Value argument = arguments[at];
      if (p.is_array && letters[at] != kMissing) {
        bool fits = true;
        if (p.subtype != 0) {
          const uint16_t wanted = bit_of(p.subtype);
          if (letters[at] != kArray) {
            fits = letters[at] == wanted && taken[i] == 1;
          } else {
            for (size_t item = 0; item < argument.size() && fits; ++item) {
              fits = letter_of(argument.items()[item]) == wanted;
            }
          }
        }
        if (!fits) {
          context.fail_value("T0412", argument);
          context.failure.index = at + 1;
          context.failure.type = plural_of(p.subtype);
          return 0;
        }
        if (letters[at] != kArray) {
          auto* item = context.arena.allocate_array<Value>(1);
          *item = argument;
          argument = Value::array(item, 1);
        }
      }
      out[made++] = argument;
    }
  }
  // Functions read as many values as the signature has parameters, given or not.
  for (size_t i = made; i < parameters.size(); ++i) out[i] = Value();
  return made;
}

}  // namespace weft::jsonata
