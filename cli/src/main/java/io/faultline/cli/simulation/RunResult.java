package io.faultline.cli.simulation;

import java.util.Map;

/**
 * What became of one run.
 *
 * @param ending how it ended
 * @param reason why, for a person
 * @param injectedFaults what went wrong, and how often
 * @param recoveries how often connections were made again
 * @param events of the world
 * @param traceSum equal for equal traces; 0 where none was written
 */
record RunResult(
    long seed,
    Ending ending,
    String reason,
    Map<InjectedFault.Kind, Integer> injectedFaults,
    long recoveries,
    long events,
    long traceSum) {}
