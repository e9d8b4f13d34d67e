package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.proto.Hellos;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.security.SharedKey.Party;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.PageRun;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.Proof;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.Role;
import io.faultline.proto.wire.VmDescription;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A source that sends exactly what a test tells it to: frames are delimited messages. */
final class FakeSource implements AutoCloseable {
  static final long RAM_BYTES = 16 << 20;
  static final long PAGE_BYTES = 4096;

  private final int port;
  private final ByteString id;
  private final Socket control;
  private final int channels;
  private @Nullable Socket bulk;
  private @Nullable SharedKey key;
  private final List<Socket> bulkConnections = new ArrayList<>();

  private FakeSource(int port, ByteString id, int channels) throws IOException {
    this.port = port;
    this.id = id;
    this.channels = channels;
    this.control = Ports.connect(port);
    Frame hello = Hellos.hello(Role.ROLE_CONTROL, id);
    Hellos.ofChannel(hello, 0, channels).writeDelimitedTo(control.getOutputStream());
  }

  /** Opens the control connection of a migration; {@code id} is the first byte of its id. */
  static FakeSource connect(int port, int id) throws IOException {
    return connect(port, id, 1);
  }

  /** The same for a migration with several bulk connections. */
  static FakeSource connect(int port, int id, int channels) throws IOException {
    byte[] bytes = new byte[Hellos.MIGRATION_ID_BYTES];
    bytes[0] = (byte) id;
    return new FakeSource(port, ByteString.copyFrom(bytes), channels);
  }

  /** The next frame on the control connection; null if the destination has closed it. */
  @Nullable Frame receive() throws IOException {
    Frame frame = Frame.parseDelimitedFrom(control.getInputStream());
    if (frame != null && !frame.getHello().getSessionKey().isEmpty()) {
      key = SharedKey.ofWire(frame.getHello().getSessionKey());
    }
    return frame;
  }

  /** From now on proves its identity with another key than the destination sent; null for none. */
  void useKey(@Nullable SharedKey other) {
    key = other;
  }

  /** Waits until the destination sends FAILURE or closes the control connection. */
  void awaitRefusal() throws IOException {
    Frame frame;
    do {
      frame = receive();
    } while (frame != null && !frame.hasFailure());
  }

  /** Opens another control connection, with an attempt number; returns the answer. */
  @Nullable Frame openControlAgain(int attempt) throws IOException {
    try (Socket again = Ports.connect(port)) {
      return shakeHands(again, Hellos.hello(Role.ROLE_CONTROL, id, Set.of(), attempt, 0));
    }
  }

  /** Opens the bulk connection, with a migration id; returns the answer. */
  @Nullable Frame openBulk(ByteString bulkId) throws IOException {
    return open(Hellos.ofChannel(Hellos.hello(Role.ROLE_BULK, bulkId), 0, channels));
  }

  /** Opens one of several bulk connections, which is the current one from now on. */
  @Nullable Frame openBulk(int channel, int of) throws IOException {
    return open(Hellos.ofChannel(Hellos.hello(Role.ROLE_BULK, id), channel, of));
  }

  private @Nullable Frame open(Frame hello) throws IOException {
    Socket opened = Ports.connect(port);
    bulkConnections.add(opened);
    bulk = opened;
    return shakeHands(opened, hello);
  }

  /** Sends hello, and a proof if it is challenged and has a key; returns the last answer. */
  private @Nullable Frame shakeHands(Socket socket, Frame plain) throws IOException {
    Frame hello = Hellos.withNonce(plain, SharedKey.nonce(), false);
    hello.writeDelimitedTo(socket.getOutputStream());
    Frame answer = Frame.parseDelimitedFrom(socket.getInputStream());
    SharedKey known = key;
    if (answer == null || !answer.hasChallenge() || known == null) {
      return answer;
    }
    Hello sent = hello.getHello();
    ByteString hmac =
        known.proof(Party.SOURCE, sent, sent.getNonce(), answer.getChallenge().getNonce());
    Frame.newBuilder()
        .setProof(Proof.newBuilder().setHmac(hmac))
        .build()
        .writeDelimitedTo(socket.getOutputStream());
    return Frame.parseDelimitedFrom(socket.getInputStream());
  }

  ByteString id() {
    return id;
  }

  void send(Frame frame) throws IOException {
    WrittenFrame.write(frame, control.getOutputStream());
  }

  /** The message of a FAILURE frame; "(closed)" if the connection was closed instead. */
  static String failure(@Nullable Frame answer) {
    return answer == null ? "(closed)" : answer.getFailure().getMessage();
  }

  /** Asserts that the answer to a hello is a hello. */
  static void assertAccepted(@Nullable Frame answer) {
    assertThat(answer != null && answer.hasHello()).as("a hello: %s", answer).isTrue();
  }

  /** Announces a valid VM of one region, and waits until its memory is prepared. */
  void prepareMemory() throws IOException {
    describe();
    Frame prepared = receive();
    assertThat(prepared != null && prepared.hasMemoryPrepared()).as("%s", prepared).isTrue();
  }

  /** Announces a valid VM of one region. */
  void describe() throws IOException {
    describe(RAM_BYTES, RAM_BYTES, PAGE_BYTES);
  }

  /** Announces a VM of one region, of any size. */
  void describe(long ramBytes, long regionBytes, long pageBytes) throws IOException {
    describe(
        SimulatedVmConfig.of(ramBytes, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1),
        regionBytes,
        pageBytes,
        Mode.MODE_HYBRID,
        Placement.PLACEMENT_COPY);
  }

  /** Announces a simulated VM, with the mode and placement of its migration. */
  void describe(
      SimulatedVmConfig config, long regionBytes, long pageBytes, Mode mode, Placement placement)
      throws IOException {
    Region region =
        Region.newBuilder()
            .setId(0)
            .setName("ram")
            .setSizeBytes(regionBytes)
            .setPageBytes(pageBytes)
            .build();
    send(
        Frame.newBuilder()
            .setVmDescription(
                VmDescription.newBuilder()
                    .setType(SimulatedSource.TYPE)
                    .setConfiguration(config.toByteString())
                    .setMode(mode)
                    .setPlacement(placement)
                    .setBasePageBytes(PAGE_BYTES)
                    .addRegions(region))
            .build());
  }

  /** Sends the header of a run of pages, without payload, on the bulk connection if one is open. */
  void sendPages(int region, long firstPage, int count, long payloadBytes) throws IOException {
    Frame run = run(region, firstPage, count, Encoding.ENCODING_RAW, payloadBytes);
    if (bulk == null) {
      send(run);
    } else {
      sendOnBulk(run);
    }
  }

  /** The header of a run of pages. */
  static Frame run(int region, long firstPage, int count, Encoding encoding, long payloadBytes) {
    return Frame.newBuilder()
        .setPages(
            PageRun.newBuilder()
                .setRegion(region)
                .setFirstPage(firstPage)
                .setCount(count)
                .setEncoding(encoding)
                .setPayloadBytes(payloadBytes))
        .build();
  }

  /** Sends a frame on the current bulk connection. */
  void sendOnBulk(Frame frame) throws IOException {
    WrittenFrame.write(frame, Objects.requireNonNull(bulk, "no bulk connection").getOutputStream());
  }

  @Override
  public void close() throws IOException {
    for (Socket each : bulkConnections) {
      each.close();
    }
    control.close();
  }
}
