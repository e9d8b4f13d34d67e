/**
 * Linux userfaultfd for Java.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.Kernel}: the system calls of one process that memory
 *       externalization needs; {@code io.faultline.uffd.linux.LinuxKernel} is the real one.
 *   <li>{@link io.faultline.uffd.Userfaultfd}: one userfaultfd, opened by {@link
 *       io.faultline.uffd.Kernel#openUserfaultfd}: registration, events, and the ioctls that
 *       resolve faults.
 *   <li>{@link io.faultline.uffd.EventBuffer}: events, read in batches into a reused buffer.
 *   <li>{@link io.faultline.uffd.FillResult}: what a fill ioctl did, in one {@code long}.
 *   <li>{@link io.faultline.uffd.Pagemap}: what the page table holds.
 *   <li>{@link io.faultline.uffd.HugePagePool}: a pool of huge pages; {@link
 *       io.faultline.uffd.HugePageLoan} enlarges it for a while.
 * </ul>
 *
 * <p>Races that the kernel's protocol expects (EAGAIN, EEXIST, ENOENT, ESRCH) are values. All else
 * is a {@link io.faultline.uffd.SystemCallException} that names the call, its arguments and the
 * errno.
 */
@NullMarked
package io.faultline.uffd;

import org.jspecify.annotations.NullMarked;
