/**
 * The userfaultfd API over a simulated kernel: for machines that forbid userfaultfd, and for tests
 * that need every interleaving.
 *
 * <p>Read it from the outside in:
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.simulated.SimulatedKernel}: the system calls; {@link
 *       io.faultline.uffd.simulated.SimulatedOptions}: the machine below it; {@link
 *       io.faultline.uffd.simulated.KernelGeneration}: which race fixes it has.
 *   <li>{@code SimulatedUserfaultfd}, {@code SimulatedPagemap}, {@code SimulatedMemoryFile}: what
 *       the kernel hands out.
 *   <li>Memory: {@code AddressSpace} holds {@code Vma}s (VMAs); an area shows a part of a {@code
 *       MappedObject}, which has a {@code PageTable} of {@code Pte}s, {@code Frames} of its own
 *       where it is private, and a {@code PageCache} where it maps a file; {@code HugePages} is the
 *       pool.
 *   <li>Faults: {@code GuestMemory} loads and stores; {@code PageFaults} resolves a fault or says
 *       what it waits for; {@code FaultContext} is one userfaultfd, with {@code FaultQueues}: two
 *       {@code FaultQueue}s of {@code FaultWaiter}s, and its {@code MemoryEvent}s.
 *   <li>{@link io.faultline.uffd.simulated.SleepingFault}: what a vCPU waits in that somebody
 *       steps.
 *   <li>Calls: {@code Fills}, {@code FillPage}, {@code Moves}, {@code Protection}, {@code
 *       Registrations}, {@code Mappings}, {@code MadviseCall}, {@code Zapping}, {@code
 *       TransparentHugePages}, {@code ForkCall}, {@code PagemapWalk}.
 *   <li>{@link io.faultline.uffd.simulated.Scheduling} and {@link
 *       io.faultline.uffd.simulated.Step}: where a thread may be stopped, so that somebody else
 *       decides who goes on.
 * </ul>
 *
 * <p><b>Locks</b>, in the order in which they are taken: the address space's (read for faults and
 * fills, write for what changes mappings), a page's, a userfaultfd's queues. The race between a
 * fill and a fault is not settled by locks but as in Linux: publish, fence, look for waiters,
 * against enqueue, fence, look at the page.
 *
 * <p><b>Plain access</b>. Java code that loads and stores at data addresses is not seen here. So
 * that it may fill memory that no userfaultfd watches, a page that is missing and yet not all zeros
 * counts as touched. A page that was touched but holds only zeros cannot be told from a missing
 * one: {@link io.faultline.uffd.Advice#POPULATE_WRITE} tells it. In a private mapping of a file,
 * plain access sees a page of the file as it was when it was mapped.
 *
 * <p>Facts are those of Linux 6.18: {@code fs/userfaultfd.c}, {@code mm/userfaultfd.c}, {@code
 * mm/memory.c}, {@code mm/hugetlb.c}, {@code mm/shmem.c}, {@code fs/proc/task_mmu.c}.
 */
@NullMarked
package io.faultline.uffd.simulated;

import org.jspecify.annotations.NullMarked;
