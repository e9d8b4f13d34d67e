package io.faultline.source;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Polling;
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
    return new OutgoingLoops(
        controlPoll,
        environment.newLoop("fl-src-control", controlPoll),
        environment.newLoop("fl-src-bulk"));
  }
}
