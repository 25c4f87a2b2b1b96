"""AdventureWorks as an auditor would add it up: plain SQL over the raw CSV files.

Belongs here: one query per figure, written from the files and from what the figure means. Does not belong here:
anything of the product's; these queries know neither its declarations nor its tables. Every query answers a whole grid
at once, one row per place and month, and has no row where the files have nothing to say.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import duckdb

FILES = {
    "accounts": "DimAccount.csv",
    "employees": "DimEmployee.csv",
    "organisations": "DimOrganization.csv",
    "postings": "FactFinance.csv",
    "quotas": "FactSalesQuota.csv",
    "answers": "FactSurveyResponse.csv",
    "rates": "FactCurrencyRate.csv",
    "currencies": "DimCurrency.csv",
    "departments": "oltp/Department.csv",
    "orders": "oltp/PurchaseOrderHeader.csv",
    "order_lines": "oltp/PurchaseOrderDetail.csv",
}
ACTUAL, BUDGET = 1, 2
NET_SALES, OPERATING_EXPENSES = 50, 58

Grid = dict[tuple[str, date], float]


def shared_data() -> Path | None:
    """The folder of data sets that stand beside a checkout, or None where there is none (a user's clone)."""
    named = os.environ.get("SCOREPACK_SHARED_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return folder if folder.is_dir() else None


def open_raw(folder: Path) -> duckdb.DuckDBPyConnection:
    """The raw files as views of text columns: nothing is guessed, every cast is written out below."""
    connection = duckdb.connect()
    for view, file in FILES.items():
        connection.execute(
            f"CREATE VIEW {view} AS SELECT * FROM read_csv('{folder / file}', header = true, all_varchar = true)"
        )
    return connection


# Pairs of an organisation and every organisation above it, itself included.
_ABOVE = """
above(organisation, ancestor) AS (
    SELECT OrganizationKey, OrganizationKey FROM organisations
    UNION ALL
    SELECT above.organisation, parent.ParentOrganizationKey
    FROM above JOIN organisations AS parent ON parent.OrganizationKey = above.ancestor
    WHERE parent.ParentOrganizationKey IS NOT NULL
)"""

# The accounts below one account, each with the product of the operators on the way up to it.
_BELOW = """
below(account, sign) AS (
    SELECT AccountKey, CASE Operator WHEN '+' THEN 1 WHEN '-' THEN -1 END
    FROM accounts WHERE CAST(ParentAccountKey AS INTEGER) = $account AND Operator IN ('+', '-')
    UNION ALL
    SELECT child.AccountKey, below.sign * CASE child.Operator WHEN '+' THEN 1 WHEN '-' THEN -1 END
    FROM below JOIN accounts AS child ON child.ParentAccountKey = below.account
    WHERE child.Operator IN ('+', '-')
)"""

_ACCOUNT_TOTAL = f"""
WITH RECURSIVE {_ABOVE}, {_BELOW}
SELECT above.ancestor, CAST(date_trunc('month', CAST(postings.Date AS TIMESTAMP)) AS DATE),
       SUM(below.sign * CAST(postings.Amount AS DECIMAL(18, 2)))
FROM postings
JOIN below ON below.account = postings.AccountKey
JOIN above ON above.organisation = postings.OrganizationKey
WHERE CAST(postings.ScenarioKey AS INTEGER) = $scenario
GROUP BY 1, 2
"""


def account_total(raw: duckdb.DuckDBPyConnection, account: int, scenario: int) -> Grid:
    """What was posted below an account, by organisation key and month, in the amounts of the file."""
    return _grid(raw, _ACCOUNT_TOTAL, account=account, scenario=scenario)


def operating_expense_ratio(raw: duckdb.DuckDBPyConnection, scenario: int) -> Grid:
    """Operating expenses over net sales of the month, where both were posted."""
    expenses, sales = account_total(raw, OPERATING_EXPENSES, scenario), account_total(raw, NET_SALES, scenario)
    return {at: expenses[at] / sales[at] for at in expenses.keys() & sales.keys()}


def revenue_growth(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Actual net sales of twelve months over the twelve before, less one, where all twenty-four have postings."""
    return _grid(
        raw,
        f"""
        WITH months AS (SELECT * FROM ({_ACCOUNT_TOTAL}) AS total(organisation, month, amount)),
        years AS (
            SELECT last.organisation, last.month, CAST(SUM(months.amount) AS DOUBLE) AS amount
            FROM months AS last JOIN months ON months.organisation = last.organisation
                 AND months.month BETWEEN last.month - INTERVAL 11 MONTH AND last.month
            GROUP BY 1, 2 HAVING COUNT(*) = 12
        )
        SELECT now.organisation, now.month, now.amount / before.amount - 1
        FROM years AS now JOIN years AS before ON before.organisation = now.organisation
             AND before.month = now.month - INTERVAL 12 MONTH
        """,
        account=NET_SALES,
        scenario=ACTUAL,
    )


def converted_net_sales(raw: duckdb.DuckDBPyConnection, rate: str) -> Grid:
    """Actual net sales in US dollars, each organisation's in the currency of its row; ``rate`` is average or closing.

    The average rate of a month is the mean of its days, the closing one that of the last. US dollars have rates too: 1.
    """
    months_rate = {
        "average": "AVG(CAST(AverageRate AS DOUBLE))",
        "closing": "arg_max(CAST(EndOfDayRate AS DOUBLE), Date)",
    }
    return _grid(
        raw,
        f"""
        WITH RECURSIVE {_ABOVE}, {_BELOW},
        monthly AS (
            SELECT CurrencyKey, date_trunc('month', CAST(Date AS TIMESTAMP)) AS month, {months_rate[rate]} AS rate
            FROM rates GROUP BY 1, 2
        )
        SELECT above.ancestor, CAST(month AS DATE), SUM(below.sign * CAST(Amount AS DOUBLE) * monthly.rate)
        FROM postings
        JOIN below ON below.account = postings.AccountKey
        JOIN above ON above.organisation = postings.OrganizationKey
        JOIN organisations ON organisations.OrganizationKey = postings.OrganizationKey
        JOIN monthly ON monthly.CurrencyKey = organisations.CurrencyKey
             AND month = date_trunc('month', CAST(postings.Date AS TIMESTAMP))
        WHERE CAST(postings.ScenarioKey AS INTEGER) = $scenario
        GROUP BY 1, 2
        """,
        account=NET_SALES,
        scenario=ACTUAL,
    )


def currency_drift(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Converted net sales at the closing rates over those at the average ones, less one."""
    closing, average = converted_net_sales(raw, "closing"), converted_net_sales(raw, "average")
    return {at: closing[at] / average[at] - 1 for at in average}


def headcount(raw: duckdb.DuckDBPyConnection, first: date, last: date) -> Grid:
    """People employed on the last day of each month, by department, department group and, as ``*``, in all.

    A person's row is valid to its EndDate, that day included: the next row starts on the day after or on the same day.
    """
    return _grid(
        raw,
        """
        WITH month_ends AS (
            SELECT CAST(month AS DATE) AS month, last_day(month) AS day
            FROM generate_series($first, $last, INTERVAL 1 MONTH) AS months(month)
        )
        SELECT CASE WHEN GROUPING(departments.Name) = 0 THEN departments.Name
                    WHEN GROUPING(departments.GroupName) = 0 THEN 'group ' || departments.GroupName ELSE '*' END,
               month, COUNT(DISTINCT EmployeeNationalIDAlternateKey)
        FROM month_ends
        JOIN employees ON CAST(StartDate AS DATE) <= day AND COALESCE(CAST(EndDate AS DATE), day) >= day
        JOIN departments ON departments.Name = employees.DepartmentName
        GROUP BY GROUPING SETS ((month, departments.Name), (month, departments.GroupName), (month))
        """,
        first=first,
        last=last,
    )


def leavers(raw: duckdb.DuckDBPyConnection, first: date, last: date) -> Grid:
    """People whose last row ended in the month, in all: every month has a figure, since the file knows every person."""
    return _grid(
        raw,
        """
        WITH left_on AS (
            SELECT EmployeeNationalIDAlternateKey AS person, MAX(CAST(EndDate AS DATE)) AS day
            FROM employees GROUP BY 1 HAVING COUNT(*) = COUNT(EndDate)
        )
        SELECT '*', CAST(month AS DATE), COUNT(person)
        FROM generate_series($first, $last, INTERVAL 1 MONTH) AS months(month)
        LEFT JOIN left_on ON date_trunc('month', day) = month
        GROUP BY 2
        """,
        first=first,
        last=last,
    )


def sales_quota(raw: duckdb.DuckDBPyConnection, first: date, last: date) -> Grid:
    """Quotas dated in the calendar quarter so far, by organisation key and month, through the sales person's territory.

    Territories bear the names of organisations, but for the United Kingdom (no organisation of its own: Europe's) and
    the managers without a territory (the company's).
    """
    return _grid(
        raw,
        f"""
        WITH RECURSIVE {_ABOVE},
        territories(territory, organisation) AS (
            VALUES ('1', 4), ('2', 3), ('3', 5), ('4', 7), ('5', 6), ('6', 8), ('7', 11), ('8', 12), ('9', 13),
                   ('10', 9), ('11', 1)
        )
        SELECT above.ancestor, CAST(month AS DATE), SUM(CAST(SalesAmountQuota AS DECIMAL(18, 4)))
        FROM generate_series($first, $last, INTERVAL 1 MONTH) AS months(month)
        JOIN quotas ON CAST(quotas.Date AS TIMESTAMP) >= date_trunc('quarter', month)
             AND CAST(quotas.Date AS TIMESTAMP) < month + INTERVAL 1 MONTH
        JOIN employees USING (EmployeeKey)
        JOIN territories ON territory = SalesTerritoryKey
        JOIN above ON CAST(above.organisation AS INTEGER) = territories.organisation
        GROUP BY 1, 2
        """,
        first=first,
        last=last,
    )


def survey_answers(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Answers by month."""
    return _grid(
        raw, "SELECT '*', CAST(date_trunc('month', CAST(Date AS TIMESTAMP)) AS DATE), COUNT(*) FROM answers GROUP BY 2"
    )


def customers_answering(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Different customers who answered, by month."""
    return _grid(
        raw,
        """
        SELECT '*', CAST(date_trunc('month', CAST(Date AS TIMESTAMP)) AS DATE), COUNT(DISTINCT CustomerKey)
        FROM answers GROUP BY 2
        """,
    )


def answers_per_customer(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Answers over the customers who gave them, by month."""
    customers = customers_answering(raw)
    return {at: answers / customers[at] for at, answers in survey_answers(raw).items()}


def clothing_share(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Answers in the product category 3, clothing, over all answers, by month."""
    return _grid(
        raw,
        """
        SELECT '*', CAST(date_trunc('month', CAST(Date AS TIMESTAMP)) AS DATE),
               CAST(COUNT(*) FILTER (CAST(ProductCategoryKey AS INTEGER) = 3) AS DOUBLE) / COUNT(*)
        FROM answers GROUP BY 2
        """,
    )


def supplier_reject_rate(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Rejected over received quantity of the orders placed in the month."""
    return _grid(
        raw,
        """
        SELECT '*', CAST(date_trunc('month', CAST(OrderDate AS TIMESTAMP)) AS DATE),
               SUM(CAST(RejectedQty AS DOUBLE)) / SUM(CAST(ReceivedQty AS DOUBLE))
        FROM orders JOIN order_lines USING (PurchaseOrderID) GROUP BY 2
        """,
    )


def order_to_ship_days(raw: duckdb.DuckDBPyConnection) -> Grid:
    """Mean of the days from order to shipment of the orders placed in the month."""
    return _grid(
        raw,
        """
        SELECT '*', CAST(date_trunc('month', CAST(OrderDate AS TIMESTAMP)) AS DATE),
               AVG(date_diff('day', CAST(OrderDate AS TIMESTAMP), CAST(ShipDate AS TIMESTAMP)))
        FROM orders GROUP BY 2
        """,
    )


def _grid(raw: duckdb.DuckDBPyConnection, query: str, **parameters: object) -> Grid:
    rows = raw.execute(query, parameters).fetchall() if parameters else raw.execute(query).fetchall()
    return {(place, month): float(value) for place, month, value in rows if value is not None}
