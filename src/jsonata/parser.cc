#include "jsonata/parser.h"

#include <algorithm>

#include "json/write.h"
#include "jsonata/signature.h"

namespace weft::jsonata {

namespace {

// Expressions nested deeper than this are refused, and trees deeper than that (`1+1+1...` leans to
// the left), so that no text can exhaust the stack.
constexpr int kNestingMax = 400;
constexpr int kTreeDepthMax = 1000;

int binding_power(const Token& token) {
  if (token.type != TokenType::kOperator) return 0;
  const std::string_view op = token.value;
  if (op.size() == 1) {
    switch (op[0]) {
      case '[':
      case '(':
      case '@':
      case '#':
        return 80;
      case '.':
        return 75;
      case '{':
        return 70;
      case '*':
      case '/':
      case '%':
        return 60;
      case '+':
      case '-':
      case '&':
        return 50;
      case '=':
      case '<':
      case '>':
      case '^':
        return 40;
      case '?':
        return 20;
      default:
        return 0;
    }
  }
  if (op == "!=" || op == "<=" || op == ">=" || op == "~>" || op == "in" || op == "?:" ||
      op == "??") {
    return 40;
  }
  if (op == "and") return 30;
  if (op == "or") return 25;
  return op == ":=" ? 10 : 0;
}

class Parser {
 public:
  Parser(std::string_view text, Dialect dialect, AstArena& arena, SyntaxFailure& failure)
      : lexer_(text, dialect), dialect_(dialect), arena_(arena), failure_(failure) {}

  Ast* run() {
    if (!advance(true)) return nullptr;
    Ast* result = expression(0);
    if (result == nullptr) return nullptr;
    if (token_.type != TokenType::kEnd) return fail_at_token("S0201");
    return result;
  }

 private:
  Ast* fail(const char* code, size_t position, std::string token = {}, std::string value = {}) {
    if (!failure_) failure_ = SyntaxFailure{code, position, std::move(token), std::move(value)};
    return nullptr;
  }

  // Messages show numbers, literals and empty tokens as JSON has them.
  Ast* fail_at_token(const char* code, std::string value = {}) {
    std::string text = token_.value;
    std::string shown;
    if (token_.type == TokenType::kNumber) {
      text.clear();
      json::write_number(token_.number, text);
      shown = text;
    } else if (token_.type == TokenType::kLiteral) {
      shown = text;
    } else if (token_.type != TokenType::kEnd && text.empty()) {
      shown = "\"\"";
    }
    fail(code, token_.position, std::move(text), std::move(value));
    failure_.token_json = std::move(shown);
    return nullptr;
  }

  bool advance(bool operand_follows) {
    if (!lexer_.next(operand_follows, token_, failure_)) return false;
    if (!at("!") && !at("~")) return true;
    fail("S0204", token_.position, token_.value);
    return false;
  }

  bool at(std::string_view op) const {
    return token_.type == TokenType::kOperator && token_.value == op;
  }

  // Moves past the operator `op`, which must stand here.
  bool expect(std::string_view op, bool operand_follows) {
    if (!at(op)) {
      std::string wanted;
      json::write_string(op, wanted);
      if (token_.type == TokenType::kEnd) {
        fail("S0203", token_.position, token_.value, wanted);
      } else {
        fail_at_token("S0202", wanted);
      }
      return false;
    }
    return advance(operand_follows);
  }

  Ast* expression(int right_power) {
    if (++nesting_ > kNestingMax) return fail("S0201", token_.position, token_.value);
    const int outer_depth = deepest_;
    deepest_ = 0;
    Token token = token_;
    if (!advance(false)) return nullptr;
    Ast* left = prefix(token);
    int depth = deepest_ + 1;
    while (left != nullptr && right_power < binding_power(token_)) {
      token = token_;
      if (!advance(true)) return nullptr;
      left = infix(token, left);
      depth = std::max(depth, deepest_) + 1;
      if (depth > kTreeDepthMax) return fail("S0201", token.position, token.value);
    }
    deepest_ = std::max(outer_depth, depth);
    --nesting_;
    return left;
  }

  Ast* leaf(AstType type, const Token& token) {
    Ast* node = arena_.make(type, token.position);
    node->value = token.value;
    node->number = token.number;
    node->flags = token.flags;
    return node;
  }

  Ast* prefix(const Token& token) {
    switch (token.type) {
      case TokenType::kString:
        return leaf(AstType::kString, token);
      case TokenType::kNumber:
        return leaf(AstType::kNumber, token);
      case TokenType::kName:
        return leaf(AstType::kName, token);
      case TokenType::kVariable:
        return leaf(AstType::kVariable, token);
      case TokenType::kLiteral:
        return leaf(AstType::kLiteral, token);
      case TokenType::kRegex:
        return leaf(AstType::kRegex, token);
      case TokenType::kEnd:
        return leaf(AstType::kEnd, token);
      case TokenType::kOperator:
        break;
    }
    return prefix_operator(token);
  }

  Ast* prefix_operator(const Token& token) {
    const std::string& op = token.value;
    if (op == "and" || op == "or" || op == "in") return leaf(AstType::kOperatorWord, token);
    if (op == "*") return leaf(AstType::kWildcard, token);
    if (op == "**") return leaf(AstType::kDescendant, token);
    if (op == "%") return leaf(AstType::kParent, token);
    if (op == "-") {
      Ast* node = leaf(AstType::kNegate, token);
      node->lhs = expression(70);
      return node->lhs == nullptr ? nullptr : node;
    }
    if (op == "(") return block(token);
    if (op == "[") return array(token);
    if (op == "{") {
      Ast* node = leaf(AstType::kObject, token);
      return members(*node) ? node : nullptr;
    }
    if (op == "|") return transform(token);
    return fail("S0211", token.position, op);
  }

  Ast* block(const Token& token) {
    Ast* node = leaf(AstType::kBlock, token);
    while (!at(")")) {
      Ast* item = expression(0);
      if (item == nullptr) return nullptr;
      node->items.push_back(item);
      if (!at(";")) break;
      if (!expect(";", true)) return nullptr;
    }
    return expect(")", false) ? node : nullptr;
  }

  Ast* array(const Token& token) {
    Ast* node = leaf(AstType::kArray, token);
    if (!at("]")) {
      while (true) {
        Ast* item = expression(0);
        if (item == nullptr) return nullptr;
        if (at("..")) {
          Ast* range = arena_.make(AstType::kRange, token_.position);
          range->value = "..";
          range->lhs = item;
          if (!expect("..", true)) return nullptr;
          range->rhs = expression(0);
          if (range->rhs == nullptr) return nullptr;
          item = range;
        }
        node->items.push_back(item);
        if (!at(",")) break;
        if (!expect(",", true)) return nullptr;
      }
    }
    return expect("]", false) ? node : nullptr;
  }

  bool members(Ast& node) {
    if (!at("}")) {
      while (true) {
        Ast* key = expression(0);
        if (key == nullptr || !expect(":", true)) return false;
        Ast* value = expression(0);
        if (value == nullptr) return false;
        node.pairs.emplace_back(key, value);
        if (!at(",")) break;
        if (!expect(",", true)) return false;
      }
    }
    return expect("}", false);
  }

  Ast* transform(const Token& token) {
    Ast* node = leaf(AstType::kTransform, token);
    node->lhs = expression(0);
    if (node->lhs == nullptr || !expect("|", true)) return nullptr;
    node->rhs = expression(0);
    if (node->rhs == nullptr) return nullptr;
    if (at(",")) {
      if (!expect(",", true)) return nullptr;
      node->third = expression(0);
      if (node->third == nullptr) return nullptr;
    }
    return expect("|", true) ? node : nullptr;
  }

  Ast* infix(const Token& token, Ast* left) {
    const std::string& op = token.value;
    if (op == "(") return call(token, left);
    if (op == "[") return filter(token, left);
    if (op == "{") {
      Ast* node = binary(token, left, nullptr);
      return members(*node) ? node : nullptr;
    }
    if (op == "^") return order_by(token, left);
    if (op == "?") return condition(token, left);
    if (op == "?:" || op == "??") return default_value(token, left);
    if (op == ":=") {
      if (left->type != AstType::kVariable) return fail("S0212", left->position, left->value);
      return finish_binary(token, left, expression(9));
    }
    if (op == "@" || op == "#") {
      Ast* right = expression(80);
      if (right == nullptr) return nullptr;
      if (right->type != AstType::kVariable) return fail("S0214", right->position, op);
      return binary(token, left, right);
    }
    return finish_binary(token, left, expression(binding_power(token)));
  }

  Ast* binary(const Token& token, Ast* left, Ast* right) {
    Ast* node = leaf(AstType::kBinary, token);
    node->lhs = left;
    node->rhs = right;
    return node;
  }
  Ast* finish_binary(const Token& token, Ast* left, Ast* right) {
    return right == nullptr ? nullptr : binary(token, left, right);
  }

  Ast* filter(const Token& token, Ast* left) {
    if (at("]")) {
      // `[]`: the innermost filtered node keeps its array.
      Ast* step = left;
      while (step->type == AstType::kBinary && step->value == "[") step = step->lhs;
      step->keep_array = true;
      // The reference reads on as if an operand followed.
      return expect("]", true) ? left : nullptr;
    }
    Ast* node = finish_binary(token, left, expression(0));
    return node != nullptr && expect("]", false) ? node : nullptr;
  }

  Ast* order_by(const Token& token, Ast* left) {
    Ast* node = binary(token, left, nullptr);
    if (!expect("(", true)) return nullptr;
    while (true) {
      AstSortTerm term;
      if (at("<")) {
        if (!advance(true)) return nullptr;
      } else if (at(">")) {
        term.descending = true;
        if (!advance(true)) return nullptr;
      }
      term.expression = expression(0);
      if (term.expression == nullptr) return nullptr;
      node->terms.push_back(term);
      if (!at(",")) break;
      if (!expect(",", true)) return nullptr;
    }
    // The reference reads on as if an operand followed.
    return expect(")", true) ? node : nullptr;
  }

  Ast* condition(const Token& token, Ast* left) {
    Ast* node = leaf(AstType::kCondition, token);
    node->lhs = left;
    node->rhs = expression(0);
    if (node->rhs == nullptr) return nullptr;
    if (at(":")) {
      if (!expect(":", true)) return nullptr;
      node->third = expression(0);
      if (node->third == nullptr) return nullptr;
    }
    return node;
  }

  // `a ?: b` is a condition on the truth of a, `a ?? b` one on its existence.
  Ast* default_value(const Token& token, Ast* left) {
    Ast* node = leaf(AstType::kCondition, token);
    node->lhs = arena_.clone(left);
    if (token.value == "??") {
      Ast* exists = arena_.make(AstType::kCall, token.position);
      exists->value = "(";
      exists->items.push_back(node->lhs);
      exists->lhs = arena_.make(AstType::kVariable, token.position);
      exists->lhs->value = "exists";
      node->lhs = exists;
    }
    node->rhs = left;
    node->third = expression(0);
    return node->third == nullptr ? nullptr : node;
  }

  Ast* call(const Token& token, Ast* left) {
    Ast* node = leaf(AstType::kCall, token);
    node->lhs = left;
    if (!at(")")) {
      while (true) {
        Ast* argument = nullptr;
        if (at("?")) {
          node->type = AstType::kPartial;
          argument = leaf(AstType::kPlaceholder, token_);
          if (!advance(true)) return nullptr;
        } else {
          argument = expression(0);
        }
        if (argument == nullptr) return nullptr;
        node->items.push_back(argument);
        if (!at(",")) break;
        if (!expect(",", true)) return nullptr;
      }
    }
    if (!expect(")", false)) return nullptr;
    if (left->type == AstType::kName && (left->value == "function" || left->value == "\u03BB")) {
      return lambda(node);
    }
    return node;
  }

  Ast* lambda(Ast* node) {
    for (size_t i = 0; i < node->items.size(); ++i) {
      if (node->items[i]->type == AstType::kVariable) continue;
      return fail("S0208", node->items[i]->position, node->items[i]->value, std::to_string(i + 1));
    }
    node->type = AstType::kLambda;
    if (at("<")) {
      int depth = 1;
      std::string signature = "<";
      node->signature_position = token_.position;
      while (depth > 0 && !at("{") && token_.type != TokenType::kEnd) {
        if (!advance(false)) return nullptr;
        if (at(">")) --depth;
        if (at("<")) ++depth;
        signature += token_.value;
      }
      if (!expect(">", false)) return nullptr;
      // Read here, too: a signature that is none counts before whatever is wrong behind it.
      const char* code = nullptr;
      size_t offset = 0;
      if (Signature::parse(signature, code, offset) == nullptr) {
        return fail(code, node->signature_position + offset);
      }
      node->signature = signature;
    }
    if (!expect("{", true)) return nullptr;
    node->lhs = expression(0);
    if (node->lhs == nullptr) return nullptr;
    return expect("}", true) ? node : nullptr;
  }

  Lexer lexer_;
  [[maybe_unused]] Dialect dialect_;
  AstArena& arena_;
  SyntaxFailure& failure_;
  Token token_;
  int nesting_ = 0;
  int deepest_ = 0;  // depth of the trees read so far inside the expression under way
};

}  // namespace

Ast* parse_expression(std::string_view text, Dialect dialect, AstArena& arena,
                      SyntaxFailure& failure) {
  return Parser(text, dialect, arena, failure).run();
}

}  // namespace weft::jsonata
