#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "definitions/intrinsics.h"

namespace weft::definitions {

// Looks for resources that wait for each other, of which CloudFormation makes none ("Circular
// dependency between resources"): what a resource refers to in its properties and names in
// DependsOn is made before it.
class Circles {
 public:
  // Both must outlive it.
  Circles(const Node& document, Intrinsics& intrinsics)
      : document_(document), intrinsics_(intrinsics) {}

  // Refuses the first circle among what `resource` needs, at the reference that closes it.
  void refuse(const std::string& resource);

 private:
  struct Reference {
    std::string to;
    Origin origin;
  };
  std::vector<Reference> references_of(const Node& resource);
  void add_references(const Node& value, std::vector<Reference>& all);
  void add_placeholders(const Node& argument, std::vector<Reference>& all);
  const Node* resource(const std::string& name) const;

  const Node& document_;
  Intrinsics& intrinsics_;
  std::set<std::string> seen_;  // of these everything was looked at
};

}  // namespace weft::definitions
