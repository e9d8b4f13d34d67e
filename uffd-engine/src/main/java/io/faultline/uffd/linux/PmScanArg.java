package io.faultline.uffd.linux;

import java.lang.foreign.StructLayout;

/**
 * {@code struct pm_scan_arg} and {@code struct page_region}, {@code include/uapi/linux/fs.h}.
 *
 * <pre>
 *  0      8       16      24     32         40    48
 *  +------+-------+-------+------+----------+-----+---------+
 *  | size | flags | start | end  | walk_end | vec | vec_len |
 *  +------+-------+-------+------+----------+-----+---------+
 *  56          64                  72              80                    88            96
 *  +-----------+-------------------+---------------+---------------------+-------------+
 *  | max_pages | category_inverted | category_mask | category_anyof_mask | return_mask |
 *  +-----------+-------------------+---------------+---------------------+-------------+
 *
 *  page_region:
 *  0       8      16           24
 *  +-------+------+------------+
 *  | start | end  | categories |
 *  +-------+------+------------+
 * </pre>
 */
final class PmScanArg {
  static final long IOCTL = 0xc0606610L;
  static final long WP_MATCHING = 1;
  static final long CHECK_WPASYNC = 2;

  static final StructLayout LAYOUT =
      Layouts.longs(
          "size",
          "flags",
          "start",
          "end",
          "walk_end",
          "vec",
          "vec_len",
          "max_pages",
          "category_inverted",
          "category_mask",
          "category_anyof_mask",
          "return_mask");
  static final long SIZE = Layouts.offset(LAYOUT, "size");
  static final long FLAGS = Layouts.offset(LAYOUT, "flags");
  static final long START = Layouts.offset(LAYOUT, "start");
  static final long END = Layouts.offset(LAYOUT, "end");
  static final long WALK_END = Layouts.offset(LAYOUT, "walk_end");
  static final long VECTOR = Layouts.offset(LAYOUT, "vec");
  static final long VECTOR_LENGTH = Layouts.offset(LAYOUT, "vec_len");
  static final long MAX_PAGES = Layouts.offset(LAYOUT, "max_pages");
  static final long INVERTED = Layouts.offset(LAYOUT, "category_inverted");
  static final long MASK = Layouts.offset(LAYOUT, "category_mask");
  static final long ANY_OF = Layouts.offset(LAYOUT, "category_anyof_mask");
  static final long RETURN = Layouts.offset(LAYOUT, "return_mask");

  static final StructLayout REGION = Layouts.longs("start", "end", "categories");
  static final long REGION_BYTES = REGION.byteSize();
  static final long REGION_START = Layouts.offset(REGION, "start");
  static final long REGION_END = Layouts.offset(REGION, "end");
  static final long REGION_CATEGORIES = Layouts.offset(REGION, "categories");

  static {
    Layouts.checkIoctlSize(LAYOUT, IOCTL);
    Layouts.check(REGION_BYTES == 24, "page_region has " + REGION_BYTES + " bytes");
  }

  private PmScanArg() {}
}
