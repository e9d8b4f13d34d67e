package io.faultline.tests.process;

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
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A source that a test writes line by line. Frames are delimited messages, pages follow them. */
final class FakeSource implements AutoCloseable {
  static final long RAM_BYTES = 16 << 20;
  static final long PAGE_BYTES = 4096;
  private static final int PATIENCE_MILLIS = 60_000;

  private final int port;
  private final ByteString id;
  private final Socket control;
  private final int channels;
  private @Nullable Socket bulk;
  private @Nullable SharedKey key;
  private final List<Socket> others = new ArrayList<>();

  private FakeSource(int port, ByteString id, int channels) throws IOException {
    this.port = port;
    this.id = id;
    this.channels = channels;
    this.control = socket();
    Frame hello = Hellos.hello(Role.ROLE_CONTROL, id);
    Hellos.ofChannel(hello, 0, channels).writeDelimitedTo(control.getOutputStream());
  }

  /** Opens the control connection of a migration; {@code id} fills its number. */
  static FakeSource connect(int port, int id) throws IOException {
    return connect(port, id, 1);
  }

  /** The same, with so many bulk connections to come. */
  static FakeSource connect(int port, int id, int channels) throws IOException {
    byte[] bytes = new byte[Hellos.MIGRATION_ID_BYTES];
    bytes[0] = (byte) id;
    return new FakeSource(port, ByteString.copyFrom(bytes), channels);
  }

  /** What the destination said last on the control connection; null where it closed it. */
  @Nullable Frame receive() throws IOException {
    Frame frame = Frame.parseDelimitedFrom(control.getInputStream());
    if (frame != null && !frame.getHello().getSessionKey().isEmpty()) {
      key = SharedKey.ofWire(frame.getHello().getSessionKey());
    }
    return frame;
  }

  /** Proves itself from here on with another key than the destination gave; null for not at all. */
  void pretend(@Nullable SharedKey other) {
    key = other;
  }

  /** Waits until the destination says that it does not go on with these connections. */
  void awaitRefusal() throws IOException {
    Frame frame;
    do {
      frame = receive();
    } while (frame != null && !frame.hasFailure());
  }

  /** Opens a control connection of a later attempt, or not later; returns the answer. */
  @Nullable Frame openControlAgain(int attempt) throws IOException {
    try (Socket again = new Socket(InetAddress.getLoopbackAddress(), port)) {
      again.setSoTimeout(PATIENCE_MILLIS);
      return greet(again, Hellos.hello(Role.ROLE_CONTROL, id, Set.of(), attempt, 0));
    }
  }

  /** Opens the bulk connection, as of the migration {@code bulkId}; returns the answer. */
  @Nullable Frame openBulk(ByteString bulkId) throws IOException {
    return open(Hellos.ofChannel(Hellos.hello(Role.ROLE_BULK, bulkId), 0, channels));
  }

  /** Opens a bulk connection as one of so many; what is sent on bulk goes there from here on. */
  @Nullable Frame openBulk(int channel, int of) throws IOException {
    return open(Hellos.ofChannel(Hellos.hello(Role.ROLE_BULK, id), channel, of));
  }

  private @Nullable Frame open(Frame hello) throws IOException {
    Socket opened = socket();
    others.add(opened);
    bulk = opened;
    return greet(opened, hello);
  }

  /** Says hello, and proves itself where it has a key; returns the last answer. */
  private @Nullable Frame greet(Socket socket, Frame plain) throws IOException {
    Frame hello = Hellos.withNonce(plain, SharedKey.nonce(), false);
    hello.writeDelimitedTo(socket.getOutputStream());
    Frame answer = Frame.parseDelimitedFrom(socket.getInputStream());
    SharedKey known = key;
    if (answer == null || !answer.hasChallenge() || known == null) {
      return answer;
    }
    Hello said = hello.getHello();
    ByteString hmac =
        known.proof(Party.SOURCE, said, said.getNonce(), answer.getChallenge().getNonce());
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
    frame.writeDelimitedTo(control.getOutputStream());
  }

  /** Announces a VM of one region that is as it should be. */
  void describe() throws IOException {
    describe(RAM_BYTES, RAM_BYTES, PAGE_BYTES);
  }

  /** Announces a VM of one region. */
  void describe(long ramBytes, long regionBytes, long pageBytes) throws IOException {
    describe(
        SimulatedVmConfig.of(ramBytes, Backing.ANONYMOUS, 1, Workload.UNIFORM, 1),
        regionBytes,
        pageBytes,
        Mode.MODE_HYBRID,
        Placement.PLACEMENT_COPY);
  }

  /** Announces a simulated VM, and how it comes. */
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

  /** Sends the header of a run of pages and no payload, on the bulk connection once it is open. */
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

  /** Sends on the bulk connection, which is open. */
  void sendOnBulk(Frame frame) throws IOException {
    frame.writeDelimitedTo(Objects.requireNonNull(bulk, "no bulk connection").getOutputStream());
  }

  @Override
  public void close() throws IOException {
    for (Socket each : others) {
      each.close();
    }
    control.close();
  }

  private Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }
}
