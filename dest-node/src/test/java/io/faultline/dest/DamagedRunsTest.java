package io.faultline.dest;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.WireException;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs with a wrong checksum, and compressed runs. */
@EnabledOnOs(OS.LINUX)
final class DamagedRunsTest {
  private static final int PAGES = 16;
  private static final int RUN = 8 * 4096;
  private static final Set<Capability> ALL = EnumSet.allOf(Capability.class);

  private final Kernel kernel = new LinuxKernel();
  private final RunChecksum checksums = new RunChecksum();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment contents = arena.allocate(RUN, 4096);
  private final MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, PAGES * 4096L);

  @BeforeEach
  void fill() {
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.MINOR_SHMEM),
        "minor faults on shared memory are not available on this machine");
    for (int i = 0; i < RUN; i++) {
      contents.set(JAVA_BYTE, i, (byte) (1 + i % 97));
    }
  }

  @AfterEach
  void free() {
    ram.close();
    arena.close();
  }

  @ParameterizedTest
  @EnumSource(Placement.class)
  void undamagedRunIsPlaced(Placement placement) throws Exception {
    try (RegisteredMemory registered = running(placement, ALL)) {
      send(registered.bulkStream(0), 4, sum(4), RUN);
      assertThat(registered.bulkStream(0).takePages()).isEqualTo(8);
      assertThat(guestByte(registered, 4)).isEqualTo((byte) 1);
    }
  }

  @ParameterizedTest
  @EnumSource(Placement.class)
  void damagedRunIsRefusedByNameAndNotPlaced(Placement placement) {
    try (RegisteredMemory registered = running(placement, ALL);
        Pagemap pagemap = kernel.openPagemap()) {
      int sum = sum(4);
      contents.set(JAVA_BYTE, 12345, (byte) 0);
      assertThatThrownBy(() -> send(registered.bulkStream(0), 4, sum, RUN))
          .isInstanceOf(WireException.class)
          .hasMessageContaining("pages 4 to 11 of region 0")
          .hasMessageContaining("0x" + Integer.toHexString(sum))
          .hasMessageContaining("0x" + Integer.toHexString(sum(4)));
      assertThat(registered.bulkStream(0).takePages()).isZero();
      for (int page = 0; page < PAGES; page++) {
        assertThat(pagemap.isPresent(ram.guest().address(page * 4096L))).isFalse();
      }
    }
  }

  /** Its data was written directly into place; it must not become current. */
  @Test
  void damagedPrecopyRunIsRefusedAndNotCurrent() {
    try (RegisteredMemory registered = inPrecopy(Placement.CONTINUE, ALL)) {
      PageStream stream = registered.bulkStream(0);
      int sum = sum(0);
      assertThatThrownBy(
              () -> {
                stream.run(0, 0, 8, Encoding.ENCODING_RAW, RUN, sum);
                long direct = stream.payloadAddress();
                assertThat(direct).isEqualTo(ram.transfer().dataAddress(0));
                NativeCopy.copy(contents.address(), direct, RUN - 1);
                stream.data(direct, RUN - 1);
                stream.data(
                    contents.address(), 1); // differs from the byte that the checksum covers
              })
          .isInstanceOf(WireException.class)
          .hasMessageContaining("pages 0 to 7 of region 0 were damaged");
      assertThat(stream.takePages()).isZero();
      registered.guestStarts();
      assertThat(registered.newMapper().mapSlice()).isEqualTo(CurrentMapper.Slice.MAPPED);
      try (Pagemap pagemap = kernel.openPagemap()) {
        assertThat(pagemap.isPresent(ram.guest().address(0))).isFalse();
      }
    }
  }

  @Test
  void checksumCoversTheHeader() {
    try (RegisteredMemory registered = running(Placement.COPY, ALL)) {
      PageStream stream = registered.bulkStream(0);
      int zeros = checksums.of(0, 3, 2, Encoding.ENCODING_ZERO, null);
      assertThatThrownBy(() -> stream.run(0, 4, 2, Encoding.ENCODING_ZERO, 0, zeros))
          .hasMessageContaining("pages 4 to 5 of region 0 were damaged");
      assertThatThrownBy(() -> send(stream, 5, sum(4), RUN)).hasMessageContaining("damaged");
    }
  }

  @Test
  void checksumsAreIgnoredUnlessAgreedOn() throws Exception {
    try (RegisteredMemory registered = running(Placement.COPY, Set.of())) {
      send(registered.bulkStream(0), 0, 77, RUN);
      assertThat(registered.bulkStream(0).takePages()).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ENCODING_LZ4", "ENCODING_ZSTD"})
  void compressedRunsArePlacedDecompressed(Encoding encoding) throws Exception {
    for (Placement placement : Placement.values()) {
      byte[] packed = packed(encoding);
      try (RegisteredMemory registered = running(placement, ALL)) {
        sendPacked(registered.bulkStream(0), encoding, packed);
        assertThat(registered.bulkStream(0).takePages()).isEqualTo(8);
        assertThat(guestByte(registered, 1)).isEqualTo((byte) (1 + 4096 % 97));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ENCODING_LZ4", "ENCODING_ZSTD"})
  void invalidCompressedRunsAreRefused(Encoding encoding) {
    byte[] packed = packed(encoding);
    try (RegisteredMemory registered = running(Placement.COPY, Set.of())) {
      assertThatThrownBy(() -> sendPacked(registered.bulkStream(0), encoding, packed))
          .isInstanceOf(WireException.class)
          .hasMessageContaining(encoding + ", which was not agreed on");
    }
    Set<Capability> unchecked = EnumSet.of(Capability.LZ4, Capability.ZSTD);
    try (RegisteredMemory registered = running(Placement.COPY, unchecked)) {
      PageStream stream = registered.bulkStream(0);
      for (long payload : new long[] {0, RUN + 1, 1L << 40, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> stream.run(0, 0, 8, encoding, payload, 0))
            .isInstanceOf(WireException.class)
            .hasMessageContaining("a payload of " + payload + " bytes");
      }
      byte[] garbage = new byte[packed.length];
      Arrays.fill(garbage, (byte) 0xff);
      assertThatThrownBy(() -> sendPacked(stream, encoding, garbage))
          .isInstanceOf(WireException.class)
          .hasMessageContaining("compressed");
      assertThat(stream.takePages()).isZero();
    }
  }

  private byte guestByte(RegisteredMemory registered, int page) {
    assertThat(registered.phase()).isEqualTo(GuestPhase.RUNNING);
    return (byte) kernel.guestLoad(ram.guest().address(page * 4096L));
  }

  private byte[] packed(Encoding encoding) {
    try (PageCodec codec = PageCodec.of(encoding)) {
      ByteBuffer to = ByteBuffer.allocateDirect(codec.bound(RUN));
      byte[] packed = new byte[codec.compress(contents.asByteBuffer(), 0, RUN, to)];
      to.get(0, packed);
      assertThat(packed.length).isLessThan(RUN / 2);
      return packed;
    }
  }

  private void sendPacked(PageStream stream, Encoding encoding, byte[] packed)
      throws WireException {
    int sum = checksums.of(0, 0, 8, encoding, ByteBuffer.wrap(packed));
    stream.run(0, 0, 8, encoding, packed.length, sum);
    MemorySegment payload = arena.allocate(packed.length);
    MemorySegment.copy(packed, 0, payload, JAVA_BYTE, 0, packed.length);
    stream.data(payload.address(), packed.length);
  }

  private int sum(long firstPage) {
    return checksums.of(0, firstPage, 8, Encoding.ENCODING_RAW, contents.asByteBuffer());
  }

  private void send(PageStream stream, long firstPage, int sum, int bytes) throws WireException {
    stream.run(0, firstPage, bytes / 4096, Encoding.ENCODING_RAW, bytes, sum);
    stream.data(contents.address(), 5000);
    stream.data(contents.address() + 5000, bytes - 5000);
  }

  private RegisteredMemory running(Placement placement, Set<Capability> agreed) {
    RegisteredMemory registered = inPrecopy(placement, agreed);
    registered.guestStarts();
    return registered;
  }

  private RegisteredMemory inPrecopy(Placement placement, Set<Capability> agreed) {
    RegisteredMemory registered =
        TestMemory.inPrecopy(kernel, placement, new IncomingCounters(), ram);
    registered.agree(agreed);
    return registered;
  }
}
