package io.faultline.dest;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Polling;
import io.faultline.proto.linux.TimeSlice;
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
    IoEventLoop control = host.newLoop("fl-dest-faults", controlPoll);
    IoEventLoop bulk = host.newLoop("fl-dest-bulk");
    host.schedule(control, TimeSlice.SHORT); // the guest waits for it
    host.schedule(bulk, TimeSlice.LONG);
    return new DestinationLoops(host.newLoop("fl-dest-accept"), controlPoll, control, bulk);
  }
}
