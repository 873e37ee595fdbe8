// The files of status_page/, which the build embeds.
#ifndef CONVOY_SERVER_HTTP_STATUS_PAGE_FILES_H_
#define CONVOY_SERVER_HTTP_STATUS_PAGE_FILES_H_

#include <string_view>

namespace convoy::http {

extern const std::string_view kStatusPageHtml;  // with {{style}} and {{script}}
extern const std::string_view kStatusPageStyle;

// The script, in this order.
extern const std::string_view kStatusPageFormat;
extern const std::string_view kStatusPageDom;
extern const std::string_view kStatusPageChart;
extern const std::string_view kStatusPageLayers;
extern const std::string_view kStatusPageScript;

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_STATUS_PAGE_FILES_H_
