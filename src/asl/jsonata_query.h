#pragma once

#include <memory>
#include <string>
#include <vector>

#include "asl/query.h"
#include "jsonata/expression.h"

// Internal to src/asl: a field of a JSONata state, a JSON tree with expressions at its leaves.

namespace weft::asl {

class JsonataQuery : public Query {
 public:
  struct Node {
    enum class Kind : uint8_t { kLiteral, kExpression, kArray, kObject };
    Kind kind = Kind::kLiteral;
    json::Value literal;                                    // lives as long as the Program
    std::shared_ptr<const jsonata::Expression> expression;  // kExpression
    std::string source;          // text between {% and %}, trimmed, for error causes
    std::string field;           // slash path from the state
    std::vector<Node> elements;  // kArray; kObject: values, in the order of `keys`
    std::vector<std::string> keys;
  };

  explicit JsonataQuery(Node root) : root_(std::move(root)) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  Evaluated<json::Value> fit(Evaluation& data, json::Value value,
                             const Wanted& wanted) const override;
  void add_variables(std::set<std::string>& names) const override;
  json::Value known_member(std::string_view name) const override;
  bool may_have_member(std::string_view name) const override;

  const Node& root() const { return root_; }

 private:
  Node root_;
};

}  // namespace weft::asl
