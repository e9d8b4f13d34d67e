package io.faultline.restore.pageserver;

import io.netty.buffer.ByteBuf;

/**
 * The header of every message of CRIU's page server protocol, little-endian (CRIU,
 * criu/page-xfer.c, {@code struct page_server_iov}). Version 4.2 widened the number of pages:
 *
 * <pre>
 *   NARROW, up to 4.1.1            WIDE, since 4.2
 *    0  u32 flags, command          0  u32 flags, command
 *    4  u32 pages                   4  (padding, undefined)
 *    8  u64 address                 8  u64 pages
 *   16  u64 target                 16  u64 address
 *   24                             24  u64 target
 *                                  32
 * </pre>
 *
 * <p>The first word is {@code flags << 16 | command}: see {@link PageServerCommand}. Nothing in the
 * protocol names the version.
 */
public enum PageServerHeader {
  NARROW(24, 4, 8, 16),
  WIDE(32, 8, 16, 24);

  /** What both have in common, and so what can be read before it is known which one it is. */
  static final int COMMON_BYTES = 24;

  private static final int FLAGS_SHIFT = 16;
  private static final int COMMAND_MASK = 0xffff;

  private final int bytes;
  private final int pages;
  private final int address;
  private final int target;

  PageServerHeader(int bytes, int pages, int address, int target) {
    this.bytes = bytes;
    this.pages = pages;
    this.address = address;
    this.target = target;
    if (target + Long.BYTES != bytes) {
      throw new AssertionError("the target is the last field");
    }
  }

  /** The length. */
  public int bytes() {
    return bytes;
  }

  /** The command of the header at an index. */
  public int command(ByteBuf in, int index) {
    return in.getIntLE(index) & COMMAND_MASK;
  }

  /** The flags of the header at an index. */
  public int flags(ByteBuf in, int index) {
    return in.getIntLE(index) >>> FLAGS_SHIFT;
  }

  /** The number of pages; negative for one that is absurdly large. */
  public long pages(ByteBuf in, int index) {
    return this == NARROW ? in.getUnsignedIntLE(index + pages) : in.getLongLE(index + pages);
  }

  /** The address at the time of the dump. */
  public long address(ByteBuf in, int index) {
    return in.getLongLE(index + address);
  }

  /** The process or shared memory: how it is encoded depends on the command. */
  public long target(ByteBuf in, int index) {
    return in.getLongLE(index + target);
  }

  /**
   * Appends a header.
   *
   * @param count of pages; if this is {@link #NARROW}, at most 32 bits
   */
  public void write(ByteBuf out, int command, int flags, long count, long at, long of) {
    out.writeIntLE(flags << FLAGS_SHIFT | command);
    if (this == NARROW) {
      out.writeIntLE((int) count);
    } else {
      out.writeIntLE(0).writeLongLE(count);
    }
    out.writeLongLE(at).writeLongLE(of);
  }

  /**
   * The header of a session that dumps: its first command opens something, so that address and
   * pages are 0 and the target is not.
   *
   * @param index where {@link #COMMON_BYTES} have arrived
   */
  static PageServerHeader ofFirstOpen(ByteBuf in, int index) {
    return in.getLongLE(index + NARROW.target) != 0 ? NARROW : WIDE;
  }

  /**
   * The header of a session that asks for pages, whose addresses are multiples of 4096 and much
   * larger than ids of processes and numbers of pages.
   *
   * @param index where {@link #COMMON_BYTES} have arrived
   */
  static PageServerHeader ofFirstGet(ByteBuf in, int index) {
    long second = in.getLongLE(index + WIDE.pages); // address or number of pages
    long third = in.getLongLE(index + WIDE.address); // process or address
    return Long.compareUnsigned(third, second) > 0 ? WIDE : NARROW;
  }
}
