# Writes OUTPUT, a C++ source that defines kBootstrapFiles: the name and text of each of FILES, which
# are separated by "|". Some compilers bound raw string literals to 64 KiB; these are far smaller.
string(REPLACE "|" ";" files "${FILES}")
file(WRITE ${OUTPUT} "#include \"integrations/lambda/bootstrap_texts.h\"\n\nnamespace weft::lambda {\n"
  "namespace {\nconstexpr BootstrapFile kFiles[] = {\n")
foreach(file ${files})
  file(READ ${file} text)
  string(FIND "${text}" ")weft\"" found)
  if(NOT found EQUAL -1)
    message(FATAL_ERROR "${file} holds the raw string delimiter")
  endif()
  get_filename_component(name ${file} NAME)
  file(APPEND ${OUTPUT} "{\"${name}\", R\"weft(${text})weft\"},\n")
endforeach()
file(APPEND ${OUTPUT} "};\n}  // namespace\nconst std::span<const BootstrapFile> kBootstrapFiles = kFiles;\n}  // namespace weft::lambda\n")
