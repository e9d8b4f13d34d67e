/**
 * What the kernel's files tell about this machine and its processes, for packages that do without
 * system calls of their own.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.host.SystemFiles} reads files such as /proc/meminfo.
 *   <li>{@link io.faultline.uffd.host.CgroupDirectories} finds the cgroups of a process.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.host;

import org.jspecify.annotations.NullMarked;
