/**
 * System calls made in another process that does not cooperate, and a userfaultfd opened there for
 * its memory. Linux only.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.linux.injection.ForeignUserfaultfds}: opens a userfaultfd in the
 *       process, by one injected call; {@code ForeignUserfaultfd}: what closes it there too.
 *   <li>{@link io.faultline.uffd.linux.injection.LeftUserfaultfds}: closes those of a process that
 *       was killed.
 *   <li>{@code SystemCallInjector}: makes a {@code SystemCall} in a thread that {@code
 *       ThreadChoice} proposes; {@code TracerThread}: all requests of ptrace come from one thread.
 *   <li>{@code CallInThread}: the steps, with everything restored whatever happens; {@code
 *       TracedThread}: a traced thread, its stops, registers and signal mask; {@code PtraceCalls}:
 *       the downcalls; {@code CriticalSections}: restartable sequences, which must not be left.
 *   <li>{@code Architecture}: registers, numbers, the instruction, which {@code CallingInstruction}
 *       finds in the process; {@link io.faultline.uffd.linux.injection.TracingPermission}, {@code
 *       TracingRefusal}: whether tracing is permitted, and why not; {@code CgroupFreezer}: whether
 *       the process is frozen.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.linux.injection;

import org.jspecify.annotations.NullMarked;
