package io.faultline.cli.control;

import io.faultline.proto.control.ControlMessages;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One client of a control socket, on a thread of its own: answers its requests, one after another,
 * until it goes, is silent for too long, or sends something else than a request.
 */
final class ControlSession implements Runnable {
  private final SocketChannel channel;
  private final ControlledNode node;
  private final ScheduledExecutorService timer;
  private final long idleMillis;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean watching;
  private volatile boolean answering;

  ControlSession(
      SocketChannel channel, ControlledNode node, ScheduledExecutorService timer, long idleMillis) {
    this.channel = channel;
    this.node = node;
    this.timer = timer;
    this.idleMillis = idleMillis;
  }

  @Override
  public void run() {
    try (channel;
        InputStream in = Channels.newInputStream(channel);
        OutputStream out = Channels.newOutputStream(channel)) {
      while (answerNext(in, out)) {}
    } catch (IOException | RejectedExecutionException e) {
      return; // it is gone, it is no client of ours, or the server closes
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      finished.countDown();
    }
  }

  /** Returns whether there may be another request. */
  private boolean answerNext(InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    ScheduledFuture<?> idle = timer.schedule(this::close, idleMillis, TimeUnit.MILLISECONDS);
    ControlRequest request;
    try {
      request = ControlMessages.read(in, ControlRequest.parser());
    } finally {
      idle.cancel(false);
    }
    if (request == null) {
      return false;
    }
    watching |= request.getQuery().getWaitMillis() != 0;
    answering = true; // the command may be what ends the migration
    boolean isFinal = node.hasEnded();
    ControlResponse response = node.handle(request);
    ScheduledFuture<?> stuck = timer.schedule(this::close, idleMillis, TimeUnit.MILLISECONDS);
    ControlMessages.write(out, response);
    stuck.cancel(false);
    answering = false;
    return !(watching && isFinal);
  }

  /**
   * Waits until the client has got its answer, and the final status if it watches; returns whether
   * it has.
   */
  boolean awaitFinalStatus(long millis) throws InterruptedException {
    return !(watching || answering) || finished.await(millis, TimeUnit.MILLISECONDS);
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      return; // it is closed all the same
    }
  }
}
