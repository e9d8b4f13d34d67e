/**
 * The binding of {@link io.faultline.uffd} to the Linux kernel through the foreign function API:
 * the only place with system call numbers, ioctl numbers and layouts. Entry: {@link
 * io.faultline.uffd.linux.LinuxKernel}.
 */
@NullMarked
package io.faultline.uffd.linux;

import org.jspecify.annotations.NullMarked;
