"""What is read: templates, styles, charts, and rendering to PDF, HTML, workbook and e-mail.

It shows what ``transforms.pack`` hands it, to the last digit, and computes nothing.
"""
