#include <boost/test/unit_test.hpp>
#include <vector>

#include "abi_layout.c"  // the same assertions, as C++20

extern "C" std::size_t abi_size_in_c(int which);

BOOST_AUTO_TEST_CASE(structs_are_as_large_in_c_as_in_cpp) {
  const std::vector<std::size_t> sizes = {sizeof(ft_str),       sizeof(ft_batch),        sizeof(ft_source),
                                          sizeof(ft_host),      sizeof(ft_desc),         sizeof(ft_provider),
                                          sizeof(ft_formatter), sizeof(ft_scorer),       sizeof(ft_storage),
                                          sizeof(ft_entry),     sizeof(ft_http_request), sizeof(ft_http_response),
                                          sizeof(ft_http),      sizeof(ft_secret),       sizeof(ft_process_options),
                                          sizeof(ft_process),   sizeof(ft_path)};
  for (std::size_t i = 0; i < sizes.size(); ++i) BOOST_TEST(abi_size_in_c(static_cast<int>(i)) == sizes[i]);
  BOOST_TEST(abi_size_in_c(static_cast<int>(sizes.size())) == 0u);
}
