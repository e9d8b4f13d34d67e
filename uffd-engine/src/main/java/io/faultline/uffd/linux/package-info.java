/**
 * The binding of {@link io.faultline.uffd} to the Linux kernel through the foreign function API:
 * the only place with system call numbers, ioctl numbers and layouts.
 *
 * <p>The engine:
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.linux.LinuxKernel}: the entry. It uses {@code UserfaultfdOpener}
 *       (open and UFFDIO_API), {@code LinuxUserfaultfd} (register, read, fill), {@code
 *       LinuxMemoryFile}, {@code LinuxPagemap}, {@code AddressSpace} (mmap), {@code ProcessMadvise}
 *       (advice for many ranges) and {@code MachineMemory} (free memory, huge page pools); {@code
 *       UserfaultfdInfo} reads what a userfaultfd of another process is.
 *   <li>{@code Machine}: the supported architectures and their system call numbers.
 * </ul>
 *
 * <p>Calls:
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.linux.NativeCalls}: binds C functions, captures errno. Other
 *       bindings may use it too.
 *   <li>{@code Libc}: the functions of the C library; {@code ProcessCalls}: those for {@code
 *       LinuxProbe} only.
 *   <li>{@link io.faultline.uffd.linux.FileDescriptors}: descriptors as numbers; {@link
 *       io.faultline.uffd.linux.FileHoles}, {@code WrittenStretches}: holes of files; {@link
 *       io.faultline.uffd.linux.DirectFile}: reads and writes that bypass the page cache, bound by
 *       {@code FileCalls}. {@code Readiness}: poll(2).
 *   <li>{@code OwnMemory}: reads memory that may be unmapped meanwhile.
 *   <li>{@code CallScratch}: native memory for arguments, one per thread.
 * </ul>
 *
 * <p>{@code io.faultline.uffd.linux.process}: other processes; {@code
 * io.faultline.uffd.linux.injection}: system calls and userfaultfds in them.
 *
 * <p>Layouts, each with its ioctl numbers and a check of its size ({@code Layouts}):
 *
 * <ul>
 *   <li>{@code UffdioApi}: the handshake; {@code UserfaultfdOpener}, {@code LinuxProbe}.
 *   <li>{@code UffdioRegister}, {@code UffdioRange} (unregister, wake), {@code UffdioTransfer}
 *       (copy, move), {@code UffdioFill} (zeropage, continue, poison, writeprotect), {@code
 *       UffdMsg} (an event): {@code LinuxUserfaultfd}.
 *   <li>{@code PmScanArg}: PAGEMAP_SCAN; {@code LinuxPagemap}.
 * </ul>
 *
 * <p>For the conformance suite only:
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.linux.LinuxProbe}: refused handshakes, accesses by the kernel,
 *       child processes, pages held by I/O ({@code IoUringBuffer}).
 *   <li>{@link io.faultline.uffd.linux.ChildProgram}: the steps of a child, run by the machine code
 *       in {@code ChildCode}; {@link io.faultline.uffd.linux.ChildProcess}: the running child.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.linux;

import org.jspecify.annotations.NullMarked;
