// What a thread says to the operating system about itself.
#ifndef CONVOY_KERNEL_BASE_THREAD_H_
#define CONVOY_KERNEL_BASE_THREAD_H_

#include <chrono>
#include <string>

namespace convoy {

// Each is about the calling thread alone. What the system refuses, a sandbox's
// filter for example, is left as it was: these are wishes.

// So that a profile or `top -H` tells who is busy; the kernel keeps 15 characters.
void SetThreadName(const std::string& name);

// Lets threads that have little to do go first when cores are scarce: adds
// `niceness`, 0 to 19, to the thread's own. There is no way back without
// privileges.
void LowerPriority(int niceness);

// Asks for turns on the processor that are as short as this and come as soon, in
// place of longer and later ones: 0.1 to 100 ms. The thread's share stays the same,
// and one of shorter turns goes before those of longer ones when it wakes up. Linux
// 6.12 and newer do so, older ones ignore it. Returns whether the system took it.
bool PreferTurns(std::chrono::microseconds turn);

}  // namespace convoy

#endif  // CONVOY_KERNEL_BASE_THREAD_H_
