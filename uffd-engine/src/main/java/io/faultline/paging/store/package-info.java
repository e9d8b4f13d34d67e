/**
 * Stores for {@link io.faultline.paging.Pager}: {@link io.faultline.paging.store.FileStore}, a file
 * of the region's size, sparse where nothing was written.
 */
@NullMarked
package io.faultline.paging.store;

import org.jspecify.annotations.NullMarked;
