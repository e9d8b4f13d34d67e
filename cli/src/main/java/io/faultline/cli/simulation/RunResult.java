package io.faultline.cli.simulation;

import io.faultline.cli.simulation.plan.InjectedFault;
import java.util.Map;
import java.util.Set;

/**
 * The result of one run.
 *
 * @param outcome how it ended
 * @param reason why, human-readable
 * @param injectedFaults how often each kind of fault was injected
 * @param hangs which node was stopped in which state for longer than any limit
 * @param recoveries how often the source re-established its connections
 * @param events number of simulated events
 * @param traceSum CRC of the trace; 0 if the run was not traced
 */
record RunResult(
    long seed,
    RunOutcome outcome,
    String reason,
    Map<InjectedFault.Kind, Integer> injectedFaults,
    Set<String> hangs,
    long recoveries,
    long events,
    long traceSum) {}
