package io.faultline.source;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Polling;
import io.faultline.proto.linux.TimeSlice;
import io.netty.channel.IoEventLoop;

/**
 * The event loops of a source, each one thread.
 *
 * @param controlPoll how the control loop waits
 * @param control owns the state machine and the control connection (requests, urgent pages)
 * @param bulk owns the bulk connections, and sends all other pages
 */
record OutgoingLoops(LoopPoll controlPoll, IoEventLoop control, IoEventLoop bulk) {
  /** Starts the threads; they end with {@code environment}. */
  static OutgoingLoops start(NodeEnvironment environment, Polling polling) {
    LoopPoll controlPoll = new LoopPoll(polling);
    IoEventLoop control = environment.newLoop("fl-src-control", controlPoll);
    IoEventLoop bulk = environment.newLoop("fl-src-bulk");
    environment.schedule(control, TimeSlice.SHORT); // the guest waits for it
    environment.schedule(bulk, TimeSlice.LONG);
    return new OutgoingLoops(controlPoll, control, bulk);
  }
}
