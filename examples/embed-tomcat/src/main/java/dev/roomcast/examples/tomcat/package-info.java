/** Roomcast in an embedded Tomcat. */
@NullMarked
package dev.roomcast.examples.tomcat;

import org.jspecify.annotations.NullMarked;
