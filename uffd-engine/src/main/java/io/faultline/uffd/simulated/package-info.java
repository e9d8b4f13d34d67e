/**
 * The userfaultfd API over a simulated kernel: for machines that forbid userfaultfd, and for tests
 * that need every interleaving.
 *
 * <p>From the outside in:
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.simulated.SimulatedKernel}: the entry: the system calls of one
 *       process; its threads end with {@link io.faultline.uffd.simulated.ProcessExitedException}.
 *       {@code SimulatedMachine}: the state shared by processes; {@link
 *       io.faultline.uffd.simulated.SimulatedOptions}: its size and features; {@link
 *       io.faultline.uffd.simulated.KernelGeneration}: its race fixes.
 *   <li>The objects that the kernel returns: {@code SimulatedUserfaultfd}, {@code
 *       SimulatedPagemap}, {@code SimulatedMemoryFile}.
 *   <li>Memory: {@code AddressSpace} contains {@code Vma}s. A {@code Vma} maps a part of a {@code
 *       MappedObject}, which has a {@code PageTable} of {@code Pte}s, its own {@code Frames} if it
 *       is private, and a {@code PageCache} if it maps a file. {@code HugePages} is a pool, {@code
 *       PoolPages} one user's share of it, {@code NativeBytes} the memory of all contents.
 *   <li>Guest accesses: {@code GuestMemory} loads and stores; {@code PageFaults} resolves a fault
 *       or returns what it must wait for.
 *   <li>Waiting faults: {@code FaultContext} is the kernel's state of one userfaultfd, with {@code
 *       FaultQueues}: two {@code FaultQueue}s of {@code FaultWaiter}s, and its {@code
 *       MemoryEvent}s. {@link io.faultline.uffd.simulated.SleepingFault}: a fault of a vCPU without
 *       a thread.
 *   <li>Ioctls: {@code Registrations}; {@code Fills} and {@code FillPage} (copy, zeropage,
 *       continue, poison); {@code Moves}; {@code Protection}; {@code PagemapWalk} (PAGEMAP_SCAN).
 *   <li>System calls: {@code Mappings} (mmap, munmap, mremap), {@code MadviseCall}, {@code Zapping}
 *       (dropping pages), {@code TransparentHugePages}, {@code ForkCall}; {@code Calls}: shared
 *       argument checks. {@link io.faultline.uffd.simulated.PinnedPages}: pages held by I/O.
 *   <li>{@link io.faultline.uffd.simulated.Scheduling} and {@link
 *       io.faultline.uffd.simulated.Step}: the points at which a test may stop a thread to choose
 *       the interleaving.
 * </ul>
 *
 * <p>{@code io.faultline.uffd.simulated.process}: processes that change their memory while a test
 * fills it.
 *
 * <p>The simulation has no threads of its own: everything runs on the calling threads.
 *
 * <p><b>Locks</b>, in the order in which they are taken: the address space's (read for faults and
 * fills, write to change mappings), a page's ({@code PageLock}), a userfaultfd's queues. As in
 * Linux, no lock resolves the race between a fill and a fault, but this protocol: the fill
 * publishes the page, fences, and checks for waiters; the fault enqueues, fences, and checks the
 * page.
 *
 * <p><b>Plain access</b>. The simulation does not see Java code that loads and stores at data
 * addresses. To allow such stores to memory without a userfaultfd, a missing page that is not all
 * zeros counts as touched. A touched page that contains only zeros cannot be distinguished from a
 * missing one; {@link io.faultline.uffd.Advice#POPULATE_WRITE} marks it. In a private mapping of a
 * file, plain access sees a page of the file as it was when it was mapped.
 *
 * <p>Facts are those of Linux 6.18: {@code fs/userfaultfd.c}, {@code mm/userfaultfd.c}, {@code
 * mm/memory.c}, {@code mm/hugetlb.c}, {@code mm/shmem.c}, {@code fs/proc/task_mmu.c}.
 */
@NullMarked
package io.faultline.uffd.simulated;

import org.jspecify.annotations.NullMarked;
