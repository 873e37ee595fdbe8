// How many cores this process may use.
#ifndef CONVOY_SERVER_BASE_AVAILABLE_CORES_H_
#define CONVOY_SERVER_BASE_AVAILABLE_CORES_H_

namespace convoy {

// The cores of the affinity mask, or fewer where a control group's CPU quota
// (a container's limit) grants less; part of a core counts as one. At least 1.
int AvailableCores();

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_AVAILABLE_CORES_H_
