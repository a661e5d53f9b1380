#pragma once

#include <string>

#include "definitions/intrinsics.h"
#include "definitions/template.h"

namespace weft::definitions {

// Reads the functions of a template. AWS: AWS::Serverless::Function, AWS::Lambda::Function,
// "Globals section".
class Functions {
 public:
  // Both must outlive it.
  Functions(const Node& document, Intrinsics& intrinsics)
      : document_(document), intrinsics_(intrinsics) {}

  TemplateFunction read(const std::string& resource, const Node& declared) const;

 private:
  void read_code(const Node& declared, bool sam, TemplateFunction& function) const;
  void read_settings(const Node& declared, bool sam, TemplateFunction& function) const;
  void read_environment(const Node* variables, TemplateFunction& function) const;
  // A property of the resource, or what SAM's Globals say of all functions.
  const Node* property(const Node& declared, bool sam, std::string_view name) const;
  const Node* global(std::string_view name) const;

  const Node& document_;
  Intrinsics& intrinsics_;
};

}  // namespace weft::definitions
