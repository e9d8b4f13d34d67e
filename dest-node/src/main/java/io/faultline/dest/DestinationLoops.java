package io.faultline.dest;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Polling;
import io.netty.channel.IoEventLoop;

/**
 * The event loops of a destination, each one thread.
 *
 * @param accept listens, performs hello handshakes, and decides which connections are accepted
 * @param controlPoll how the control loop waits
 * @param control the fault reader: polls the userfaultfd itself, and owns the control connection
 *     (requests, urgent pages) and the state machine
 * @param bulk the background transfer: owns the bulk connections and places what arrives on them
 */
record DestinationLoops(
    IoEventLoop accept, LoopPoll controlPoll, IoEventLoop control, IoEventLoop bulk) {
  /** Starts the threads; they end with {@code host}. */
  static DestinationLoops start(NodeEnvironment host, Polling polling) {
    LoopPoll controlPoll = new LoopPoll(polling);
    return new DestinationLoops(
        host.newLoop("fl-dest-accept"),
        controlPoll,
        host.newLoop("fl-dest-faults", controlPoll),
        host.newLoop("fl-dest-bulk"));
  }
}
