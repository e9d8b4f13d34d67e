package io.faultline.source;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Run;
import java.util.ArrayList;
import java.util.List;

/** Records what the state machine does. */
final class RecordingLink implements OutgoingLink {
  final List<Frame> sent = new ArrayList<>();

  /** What was started on the bulk connections. */
  final List<String> bulk = new ArrayList<>();

  /** When connections were closed and opened. */
  final List<String> connections = new ArrayList<>();

  boolean discardsAhead;
  boolean takesStateParts;
  boolean background;
  boolean ended;

  /** Whether what sends is broken. */
  boolean broken;

  @Override
  public void send(Frame frame) {
    if (broken) {
      throw new NoClassDefFoundError("a part of the link");
    }
    sent.add(frame);
  }

  @Override
  public boolean canSendStateParts() {
    return takesStateParts;
  }

  @Override
  public void sendRun() {
    sent.add(Frame.newBuilder().setRun(Run.getDefaultInstance()).build());
  }

  @Override
  public void startRound(int round) {
    bulk.add("round " + round);
  }

  @Override
  public void cutRound() {
    bulk.add("cut");
  }

  @Override
  public boolean canDiscardAhead() {
    return discardsAhead;
  }

  @Override
  public void discardAhead(int round) {
    bulk.add("ahead " + round);
  }

  @Override
  public void sendDiscards() {
    bulk.add("discards");
  }

  @Override
  public void memoryShort(boolean isShort) {
    if (isShort) {
      bulk.add("memory is short");
    }
  }

  @Override
  public void startBackgroundScan() {
    background = true;
  }

  @Override
  public void disconnect() {
    connections.add("disconnect");
  }

  @Override
  public void connect(int attempt, int address) {
    connections.add("connect " + attempt + " to " + address);
  }

  @Override
  public void ended() {
    ended = true;
  }

  Frame last() {
    return sent.getLast();
  }
}
