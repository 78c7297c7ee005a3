// The test program's main; the cases are in <area>_*_test.cpp.
#define BOOST_TEST_MODULE fthost
#include <boost/test/unit_test.hpp>
