/**
 * Memory of processes that somebody else restores, filled on demand: for CRIU's {@code restore
 * --lazy-pages}.
 *
 * <p>In the order of data:
 *
 * <ol>
 *   <li>{@link io.faultline.restore.criu}: the front end: CRIU's socket, over which the
 *       userfaultfds arrive.
 *   <li>{@link io.faultline.restore.space}: the lazy memory of one process as it is now: its
 *       userfaultfd, and which page of the dump is missing at which address.
 *   <li>{@link io.faultline.restore.transfer}: which pages are asked for, when.
 *   <li>{@link io.faultline.restore.origin}: where pages come from: image files, a page server;
 *       {@link io.faultline.restore.remote}: a page source of Faultline's.
 *   <li>{@link io.faultline.restore.outcome}: what happens to the processes if the origin fails.
 *   <li>{@link io.faultline.restore.image}: CRIU's image files; {@link
 *       io.faultline.restore.pageserver}: the page server's own roles; {@link
 *       io.faultline.restore.frozen}: the page source, beside the frozen processes.
 * </ol>
 *
 * <p>{@link io.faultline.restore.LazyPagesDaemon} is the entry, with {@link
 * io.faultline.restore.LazyPagesSettings}; it reports {@link io.faultline.restore.RestoreEvents}, a
 * {@link io.faultline.restore.RestoreState} and at the end a {@link
 * io.faultline.restore.RestoreReport}. {@code RestoreSession} brings all of these together: {@code
 * ExpectedTasks} (what CRIU has sent, of the {@link io.faultline.restore.DumpedTasks} that {@link
 * io.faultline.restore.ImageTasks} reads), {@code ArrivingSpaces} (what is made of it), {@code
 * FillLoop} and {@code PolledSpaces} (what can be done after an event), {@code FailedRestore} (how
 * it ends). {@link io.faultline.restore.rehearsal} runs the same code before a process waits for
 * it.
 *
 * <p>One event loop owns everything of a session: userfaultfds, the connection to the origin and
 * CRIU's socket. So a fault is read, requested, answered and resolved on one thread.
 */
@NullMarked
package io.faultline.restore;

import org.jspecify.annotations.NullMarked;
