-- The 20 KPIs of bench/engine.py, by hand. $FIRST is the first month, $MONTHS their number.
CREATE TEMP TABLE above AS
    SELECT id AS unit, id AS ancestor, level FROM units
    UNION ALL SELECT id, parent, level FROM units WHERE parent IS NOT NULL
    UNION ALL SELECT a.id, b.parent, a.level FROM units a JOIN units b ON a.parent = b.id WHERE b.parent IS NOT NULL;

CREATE TEMP TABLE cells AS
    SELECT _unit AS unit, date_trunc('month', day)::DATE AS m,
        sum(amount) AS revenue, sum(cost) AS cost, count(*) AS orders, count(*) FILTER (WHERE is_late) AS late,
        count(*) FILTER (WHERE is_returned) AS returned, sum(pieces)::DECIMAL(38, 0) AS pieces,
        sum(amount) FILTER (WHERE channel = 'online') AS online, max(amount) AS dearest
    FROM orders GROUP BY ALL;

CREATE TEMP TABLE rolled AS
    SELECT ancestor AS unit, m, sum(revenue) AS revenue, sum(cost) AS cost, sum(orders) AS orders, sum(late) AS late,
        sum(returned) AS returned, sum(pieces) AS pieces, sum(online) AS online, max(dearest) AS dearest
    FROM cells JOIN above USING (unit) GROUP BY ALL;

CREATE TEMP TABLE grid AS
    SELECT id AS unit, ($FIRST + to_months(n::INTEGER))::DATE AS m, n FROM units, range($MONTHS) t(n);

CREATE TEMP TABLE dense AS
    SELECT unit, m, n, coalesce(revenue, 0) AS revenue, coalesce(cost, 0) AS cost, coalesce(orders, 0) AS orders,
        coalesce(late, 0) AS late, coalesce(returned, 0) AS returned, coalesce(pieces, 0) AS pieces,
        coalesce(online, 0) AS online, dearest
    FROM grid LEFT JOIN rolled USING (unit, m);

CREATE TEMP TABLE windowed AS
    SELECT unit, m, n, revenue, cost, orders, late, pieces, online, dearest,
        sum(revenue) OVER y AS revenue_y, sum(cost) OVER y AS cost_y, sum(online) OVER y AS online_y,
        sum(late) OVER q AS late_q, sum(orders) OVER q AS orders_q, sum(returned) OVER q AS returned_q,
        sum(revenue) OVER t AS revenue_t, sum(cost) OVER t AS cost_t, sum(orders) OVER t AS orders_t,
        sum(returned) OVER t AS returned_t
    FROM dense
    WINDOW y AS (PARTITION BY unit, year(m) ORDER BY n), q AS (PARTITION BY unit ORDER BY n ROWS 2 PRECEDING),
        t AS (PARTITION BY unit ORDER BY n ROWS 11 PRECEDING);

-- A sighting in month n is the newest until the month before the next; it counts for twelve months at most.
CREATE TEMP TABLE sightings AS
    SELECT DISTINCT ancestor AS unit, customer, datediff('month', $FIRST, day) AS n
    FROM orders o JOIN above a ON a.unit = o._unit;

CREATE TEMP TABLE steps AS
    WITH runs AS (
        SELECT unit, n, least(n + 12, coalesce(lead(n) OVER (PARTITION BY unit, customer ORDER BY n), n + 12)) AS until
        FROM sightings
    )
    SELECT unit, n, sum(step) AS step
    FROM (SELECT unit, n, count(*) AS step FROM runs GROUP BY ALL
          UNION ALL SELECT unit, until, -count(*) FROM runs GROUP BY ALL)
    GROUP BY ALL;

CREATE TEMP TABLE customers AS
    SELECT unit, n, sum(coalesce(step, 0)) OVER (PARTITION BY unit ORDER BY n) AS customers
    FROM grid LEFT JOIN steps USING (unit, n);

CREATE TEMP TABLE products AS
    SELECT ancestor AS unit, date_trunc('month', day)::DATE AS m, count(DISTINCT product) AS products
    FROM orders o JOIN above a ON a.unit = o._unit GROUP BY ALL;

CREATE TABLE kpi_values AS
    WITH wide AS (
        SELECT unit, m AS period,
            revenue::DOUBLE AS revenue_month, revenue_y::DOUBLE AS revenue_year, orders::DOUBLE AS orders_month,
            CASE WHEN n >= 11 THEN revenue_t::DOUBLE END AS revenue_trailing,
            CASE WHEN n >= 11 THEN orders_t::DOUBLE END AS orders_trailing,
            (revenue - cost)::DOUBLE / nullif(revenue, 0)::DOUBLE AS margin_month,
            (revenue_y - cost_y)::DOUBLE / nullif(revenue_y, 0)::DOUBLE AS margin_year,
            CASE WHEN n >= 11 THEN (revenue_t - cost_t)::DOUBLE / nullif(revenue_t, 0)::DOUBLE END AS margin_trailing,
            revenue::DOUBLE / nullif(orders, 0)::DOUBLE AS order_value,
            CASE WHEN n >= 11 THEN revenue_t::DOUBLE / nullif(orders_t, 0)::DOUBLE END AS order_value_trailing,
            late::DOUBLE / nullif(orders, 0)::DOUBLE AS late_share,
            CASE WHEN n >= 2 THEN late_q::DOUBLE / nullif(orders_q, 0)::DOUBLE END AS late_share_quarter,
            CASE WHEN n >= 2 THEN returned_q::DOUBLE / nullif(orders_q, 0)::DOUBLE END AS return_share,
            CASE WHEN n >= 11 THEN returned_t::DOUBLE / nullif(orders_t, 0)::DOUBLE END AS return_share_trailing,
            pieces::DOUBLE / nullif(orders, 0)::DOUBLE AS pieces_per_order,
            online::DOUBLE / nullif(revenue, 0)::DOUBLE AS online_share,
            online_y::DOUBLE / nullif(revenue_y, 0)::DOUBLE AS online_share_year,
            dearest::DOUBLE AS dearest_order,
            CASE WHEN n >= 11 THEN customers::DOUBLE END AS active_customers,
            coalesce(products, 0)::DOUBLE AS products_sold
        FROM windowed JOIN customers USING (unit, n) LEFT JOIN products USING (unit, m)
    )
    SELECT unit, period, kpi, value
    FROM wide UNPIVOT INCLUDE NULLS (value FOR kpi IN (COLUMNS(* EXCLUDE (unit, period))));
