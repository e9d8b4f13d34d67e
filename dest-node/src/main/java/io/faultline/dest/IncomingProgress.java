package io.faultline.dest;

/**
 * A snapshot of the progress of an incoming migration.
 *
 * @param state the state of the migration
 * @param urgentPages base pages placed by the fault reader
 * @param bulkPages base pages placed by the background transfer once the VM ran here
 * @param remainingPages base pages that are still to arrive once the VM runs here; before that, all
 * @param connections how many connections of the source are established
 * @param memoryPrepared whether the VM's memory is mapped and registered
 * @param report what would be reported if the migration ended now; at most a tenth of a second old,
 *     and final once the state is
 */
public record IncomingProgress(
    IncomingState state,
    long urgentPages,
    long bulkPages,
    long remainingPages,
    int connections,
    boolean memoryPrepared,
    IncomingReport report) {}
