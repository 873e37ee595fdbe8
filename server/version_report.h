// Which program this is, for a bug report.
#ifndef CONVOY_SERVER_VERSION_REPORT_H_
#define CONVOY_SERVER_VERSION_REPORT_H_

#include <map>
#include <string>

namespace convoy {

// By the library's name, of what computes and what talks: "oneDNN", "3.2.0".
std::map<std::string, std::string> LibraryVersions();

// What --version says: the server's version, those of its libraries, and the
// instruction set that they use here.
std::string VersionReport();

}  // namespace convoy

#endif  // CONVOY_SERVER_VERSION_REPORT_H_
