#pragma once

#include <string>
#include <variant>

#include "maprun/map_run.h"

namespace weft::s3 {

class BucketRegistry;

// Reads one page of a Map Run's items, after `cursor` ("" = from the start): from the state's own
// input, an S3 listing (cursor: continuation token) or a JSON file (one page). Blocks on files; any
// thread. Items have the form of AWS's page "ItemReader (Map)".
std::variant<maprun::PageRead, maprun::ReadFailed> read_page(
    const maprun::Configuration& configuration, const std::string& cursor,
    const BucketRegistry* buckets);

}  // namespace weft::s3
