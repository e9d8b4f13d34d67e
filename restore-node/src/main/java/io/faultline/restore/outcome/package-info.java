/**
 * What happens to the restored processes and the source when something fails. A process that misses
 * pages must not outlive its userfaultfd: it would read zeros. That holds for every end of this
 * process, SIGKILL included.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.outcome.Outcome}: the interface; {@link
 *       io.faultline.restore.outcome.OnFailure}: the user's choice; {@link
 *       io.faultline.restore.outcome.OutcomeContext} makes the one from the other.
 *   <li>If this process is killed itself: {@code Holders} keep descriptors open from the moment
 *       when they arrive, and the {@code Guard} (a shell, {@code guard.sh}) does what the {@code
 *       StateDirectory} with its {@code SourceFiles} says. {@code GuardedOutcome}: what all
 *       outcomes have of that.
 *   <li>Killing: {@code KillingOutcome}, with a {@code ProcessKiller}; {@code RestoredProcesses}
 *       finds the tasks ({@code TaskFinder}) and their descendants, each a {@code RestoredProcess}.
 *   <li>Holding: {@code HoldingOutcome} leaves the processes to the holders, as every {@code
 *       WaitingOutcome} can; {@code HeldSpaces} and {@code Journals} record where their pages are,
 *       with an {@code EventJournal} for each.
 *   <li>Taking over: {@code DaemonLock} waits for the earlier daemon's end, {@code TakeOver} reads
 *       what was left, {@code ResumedOutcome} continues with it; {@link
 *       io.faultline.restore.outcome.HeldSpace}: one space; {@link
 *       io.faultline.restore.outcome.HeldOrigin}: what an origin needs to continue; {@link
 *       io.faultline.restore.outcome.HeldProcesses}: who waits.
 * </ul>
 */
@NullMarked
package io.faultline.restore.outcome;

import org.jspecify.annotations.NullMarked;
