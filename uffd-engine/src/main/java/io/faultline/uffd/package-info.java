/**
 * Linux userfaultfd for Java: the API. Its engines are {@code io.faultline.uffd.linux.LinuxKernel}
 * and {@code io.faultline.uffd.simulated.SimulatedKernel}.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.Kernel}: the system calls of one process around userfaultfd. Start
 *       here. {@link io.faultline.uffd.MapRequest} and {@link io.faultline.uffd.MemoryFile}: the
 *       memory to map; {@link io.faultline.uffd.PageSize}; {@link io.faultline.uffd.Advice}; {@link
 *       io.faultline.uffd.UnwrittenPages} of a sparse file.
 *   <li>{@link io.faultline.uffd.Userfaultfd}: one userfaultfd, opened by {@link
 *       io.faultline.uffd.Kernel#openUserfaultfd} with {@link io.faultline.uffd.OpenOptions}
 *       ({@link io.faultline.uffd.FaultScope}, {@link io.faultline.uffd.OpenPath}, {@link
 *       io.faultline.uffd.Feature}).
 *   <li>Registering memory: {@link io.faultline.uffd.RegisterMode}; the kernel answers with {@link
 *       io.faultline.uffd.UffdIoctl}.
 *   <li>Reading events: {@link io.faultline.uffd.EventBuffer}, filled in batches and reused, of
 *       {@link io.faultline.uffd.EventType}.
 *   <li>Resolving faults: {@link io.faultline.uffd.FillMode}, {@link io.faultline.uffd.MoveMode}
 *       and {@link io.faultline.uffd.ProtectMode} in, {@link io.faultline.uffd.FillResult} out, in
 *       one {@code long}.
 *   <li>{@link io.faultline.uffd.Pagemap}: reads the page table; {@link
 *       io.faultline.uffd.PagemapQuery} and {@link io.faultline.uffd.PageCategory} in, {@link
 *       io.faultline.uffd.PageRegions} out.
 *   <li>{@link io.faultline.uffd.HugePagePool}: the state of a huge page pool; {@link
 *       io.faultline.uffd.HugePageLoan}: enlarges it temporarily, through {@code
 *       HugePagePoolFiles}.
 *   <li>Errors: {@link io.faultline.uffd.SystemCallException} with an {@link
 *       io.faultline.uffd.Errno}; {@link io.faultline.uffd.MemoryErrorException}: access to a
 *       poisoned page.
 * </ul>
 *
 * <p>Races that the kernel's protocol expects (EAGAIN, EEXIST, ENOENT, ESRCH) are values.
 * Everything else is a {@link io.faultline.uffd.SystemCallException} that names the call, its
 * arguments and the errno.
 */
@NullMarked
package io.faultline.uffd;

import org.jspecify.annotations.NullMarked;
