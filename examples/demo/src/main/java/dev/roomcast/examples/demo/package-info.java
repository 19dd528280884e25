/** The demo: a chat in the browser. */
@NullMarked
package dev.roomcast.examples.demo;

import org.jspecify.annotations.NullMarked;
