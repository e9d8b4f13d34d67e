/**
 * {@code faultline simulate}: the production nodes over a simulated network, kernel, clock and
 * processes. Each run follows from one seed; a run is single-threaded, a campaign executes several
 * runs in parallel.
 *
 * <ol>
 *   <li>{@link io.faultline.cli.simulation.SimulateCommand}: the command line. It executes a {@link
 *       io.faultline.cli.simulation.Campaign} of runs, counted in a {@link
 *       io.faultline.cli.simulation.CampaignTally}, or traces a single run.
 *   <li>{@code SimulationRun}: one run. It draws a {@link
 *       io.faultline.cli.simulation.plan.RunPlan}, builds the {@link
 *       io.faultline.cli.simulation.node nodes}, the {@link io.faultline.cli.simulation.guest
 *       guest} and the {@link io.faultline.cli.simulation.network network}, and executes events of
 *       the {@link io.faultline.cli.simulation.runtime.Simulator} until its {@code StopCondition}
 *       is reached.
 *   <li>{@code FaultInjector}: injects the planned faults. {@link io.faultline.cli.simulation.bug}:
 *       bugs to plant.
 *   <li>Checks after each event: {@code BufferBoundsCheck}, {@code PageWaitCheck}, and those of the
 *       guest; for each frame: {@code SentOnceCheck}. A violation goes to the run's {@link
 *       io.faultline.cli.simulation.runtime.InvariantLog}, which ends the run.
 *   <li>{@code EndStateCheck}: checks the end of a run and classifies it as a {@code RunOutcome},
 *       part of the {@code RunResult}.
 * </ol>
 */
@NullMarked
package io.faultline.cli.simulation;

import org.jspecify.annotations.NullMarked;
