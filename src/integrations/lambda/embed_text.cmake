# Writes OUTPUT, a C++ source that defines the texts of runtime_node.mjs and runtime_python.py. Some
# compilers bound raw string literals to 64 KiB; the bootstraps are far smaller.
function(emit name file out)
  file(READ ${file} text)
  string(FIND "${text}" ")weft\"" found)
  if(NOT found EQUAL -1)
    message(FATAL_ERROR "${file} holds the raw string delimiter")
  endif()
  file(APPEND ${out} "const std::string_view ${name} = R\"weft(${text})weft\";\n")
endfunction()
file(WRITE ${OUTPUT} "#include \"integrations/lambda/bootstrap_texts.h\"\n\nnamespace weft::lambda {\n")
emit(kNodeBootstrap ${NODE} ${OUTPUT})
emit(kPythonBootstrap ${PYTHON} ${OUTPUT})
file(APPEND ${OUTPUT} "}  // namespace weft::lambda\n")
